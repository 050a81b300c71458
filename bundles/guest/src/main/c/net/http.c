/* SPDX-License-Identifier: Apache-2.0 */
/*D:690
 * HTTP, as it was in the beginning: one line that says what is wanted, some lines nobody has to
 * read, an empty one; and the answer is the same, with the thing itself behind it. When all has
 * been said the connection is closed.
 */
#include "lib.h"
#include "console.h"
#include "files.h"
#include "net.h"
#include "tcp.h"
#include "transfer.h"

#define HEAD_MAX 2048
#define NOT_SAID 0xFFFFFFFFu

static u8 buffer[4096];

/* The head of a request or an answer, up to the empty line. What came behind it in the same
 * segment is returned as "extra" bytes behind the head. Its size, or 0 if there was none. */
static u32 read_head(struct tcp *c, char *head, u32 *extra)
{
	u32 size = 0;
	s32 n;

	while (size < HEAD_MAX - 1 && (n = tcp_read(c, head + size, HEAD_MAX - 1 - size)) > 0) {
		const char *end;

		size += n;
		head[size] = '\0';
		end = strstr(head, "\r\n\r\n");
		if (end) {
			u32 length = end + 4 - head;

			*extra = size - length;
			return length;
		}
	}
	return 0;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c;
}

/* The number behind "content-length:", whichever way that is written. */
static u32 content_length(const char *head)
{
	static const char name[] = "\r\ncontent-length:";
	u32 value = 0;

	for (; *head; head++) {
		u32 n = 0;

		while (name[n] && lower(head[n]) == name[n])
			n++;
		if (name[n])
			continue;
		for (head += n; *head == ' '; head++)
			;
		for (; *head >= '0' && *head <= '9'; head++)
			value = value * 10 + *head - '0';
		return value;
	}
	return NOT_SAID;
}

/* "HTTP/1.1 200 OK": the number. */
static u32 status_of(const char *head)
{
	u32 value = 0;

	if (strncmp(head, "HTTP/1.", 7) || !head[7] || head[8] != ' ')
		return 0;
	for (head += 9; *head >= '0' && *head <= '9'; head++)
		value = value * 10 + *head - '0';
	return value;
}

static void ask(struct tcp *c, const char *path)
{
	char line[384];
	int n = snprintf(line, sizeof(line), "GET %s HTTP/1.0\r\nHost: " DOTTED ":%u\r\n"
		"User-Agent: puppy\r\nConnection: close\r\n\r\n", path, DOTS(c->remote), c->remote_port);

	tcp_write(c, line, MIN((u32)n, sizeof(line) - 1));
}

static void take_answer(struct tcp *c, u64 start)
{
	static char head[HEAD_MAX];
	struct bytes b = { 0 };
	u32 extra = 0, size = read_head(c, head, &extra), length, status;
	s32 n = 0;
	u64 took;

	status = size ? status_of(head) : 0;
	if (!status) {
		printk("fetch: %s\n", c->error ? c->error : "this is not HTTP");
		return;
	}
	bytes_count(&b, (u8 *)head + size, extra);
	head[size] = '\0';
	length = content_length(head);
	while (b.count < length && (n = tcp_read(c, buffer, sizeof(buffer))) > 0)
		bytes_count(&b, buffer, n);
	took = clock_ns() - start;
	div64(&took, NS_PER_MS);
	if (n < 0)
		printk("fetch: %s after %u bytes\n", c->error, b.count);
	else if (length != NOT_SAID && b.count != length)
		printk("fetch: %u bytes instead of %u\n", b.count, length);
	else
		printk("fetch: status %u, %u bytes, crc %08x, in %u ms\n", status, b.count, b.crc,
			(u32)took);
}

void http_fetch(u32 address, u16 port, const char *path)
{
	u64 start = clock_ns();
	struct tcp *c = tcp_connect(address, port);

	if (!c) {
		printk("fetch: no room for a connection\n");
		return;
	}
	if (c->state == TCP_DEAD)
		printk("fetch: %s\n", c->error);
	else {
		ask(c, path);
		take_answer(c, start);
	}
	tcp_close(c);
}

static void say_head(struct tcp *c, const char *status, u32 length)
{
	char line[160];
	int n = snprintf(line, sizeof(line), "HTTP/1.0 %s\r\nServer: puppy\r\n"
		"Content-Type: application/octet-stream\r\nContent-Length: %u\r\n\r\n", status, length);

	tcp_write(c, line, n);
}

static void say_bytes(struct tcp *c, struct bytes *b, u32 count)
{
	say_head(c, "200 OK", count);
	while (b->count < count) {
		u32 n = MIN(count - b->count, sizeof(buffer));

		bytes_make(b, buffer, n);
		if (!tcp_write(c, buffer, n))
			return;
	}
}

/* The path of a request, cut out of its first line; NULL if that is none. */
static char *path_of(char *head)
{
	char *path = head + 5, *end;

	if (strncmp(head, "GET /", 5))
		return NULL;
	end = strchr(path, ' ');
	if (!end)
		return NULL;
	*end = '\0';
	return path;
}

static void answer(struct tcp *c)
{
	static char head[HEAD_MAX];
	u32 extra, count, size = read_head(c, head, &extra);
	char *path = size ? path_of(head) : NULL;
	struct bytes b = { 0 };
	const char *status = "200";
	struct file f;

	if (path && !strncmp(path, "bytes/", 6) && parse_u32(path + 6, &count))
		say_bytes(c, &b, count);
	else if (path && file_open(path, &f) && f.data) {
		say_head(c, "200 OK", f.size);
		bytes_count(&b, f.data, f.size);
		tcp_write(c, f.data, f.size);
	} else {
		status = path ? "404" : "400";
		say_head(c, path ? "404 Not Found" : "400 Bad Request", 0);
	}
	if (tcp_finish(c))
		printk("serve: /%s, status %s, %u bytes, crc %08x\n", path ? path : "", status, b.count,
			b.crc);
	else
		printk("serve: /%s: %s\n", path ? path : "", c->error);
}

static struct tcp *listen(u16 port)
{
	struct tcp *c = tcp_listen(port);

	if (!c)
		printk("serve: no room for a connection\n");
	return c;
}

/* One after the other. Who calls while another is served finds a connection that listens already,
 * and waits a little. */
void http_serve(u16 port, u32 count)
{
	struct tcp *next = listen(port);

	if (next)
		printk("serve: port %u\n", port);
	for (u32 i = 0; next && i < count && !console_interrupted(); ) {
		struct tcp *c = next;

		next = NULL;
		if (tcp_accept(c)) {
			if (++i < count)
				next = listen(port);
			answer(c);
			tcp_close(c);
		} else {
			tcp_close(c);
			if (!console_interrupted())
				next = listen(port);
		}
	}
	if (next)
		tcp_close(next);
}
