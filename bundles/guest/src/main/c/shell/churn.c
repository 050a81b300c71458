/* SPDX-License-Identifier: Apache-2.0 */
/*G:730
 * Everything at once.
 *
 * The Host claims that it can change any part of our machine while we use it, and that we do not
 * notice. So here is somebody who would: one task for each thing that a Host may get wrong, all at
 * the same time, each of which knows what the right answer is. The processor adds up what cannot
 * have changed, and runs programs that check memory, system calls and the floating point unit. The
 * disk must give back what was written last, whenever that was. A question sent over the network
 * comes back unchanged. Whoever asked to be woken is woken, and not too early. Dice do not fall the
 * same way twice. And what is typed comes back, letter by letter and then as a line.
 *
 * It ends when ^C is typed; then everybody finishes what he is at, and tells how it went.
 */
#include "lib.h"
#include "clock.h"
#include "console.h"
#include "kernel.h"
#include "net.h"
#include "shell.h"
#include "task.h"
#include "virtio.h"

/* A piece of the disk, as much as is written at once, and how many of them we use. */
#define PIECE_SECTORS 6
#define PIECE_WORDS (PIECE_SECTORS * SECTOR_SIZE / 4)
#define PIECES 80
#define STEPS_A_FLUSH 16

#define SUMMED 0x800u
#define NAP_NS (7u * NS_PER_MS)
#define LINE_SIZE 200

struct worker {
	const char *name;
	/* Does the next piece of work; false: the answer was wrong. */
	bool (*step)(u32 number);
	u32 done, wrong;
};

static volatile bool over;
static u32 peer, unanswered, latest_us;

/* Not the dice of the Host, which are under test; what is drawn need only be different each time. */
static u32 draw(u32 below)
{
	static u32 state = 1;

	state = state * 1664525 + 1013904223;
	return (state >> 8) % below;
}

/* Our own code: protected, and so the same every time. */
static bool add_up(u32 number UNUSED)
{
	static u32 first;
	u32 sum = crc32(0, _text, MIN((u32)(_etext - _text), SUMMED));

	if (!first)
		first = sum;
	yield();
	return sum == first;
}

/* Programs end with 0 when all that they looked at was right. One of them takes its time. */
static bool run_programs(u32 number)
{
	static const char *const probe[] = { "probe", "x y" }, *const fpu[] = { "fpu", "quiet" };
	u32 code = ~0u;

	program_run(2, number % 16 == 15 ? probe : fpu, false, &code, NULL);
	return code == 0;
}

static void fill(u32 *words, u32 piece, u32 version)
{
	for (u32 i = 0; i < PIECE_WORDS; i++)
		words[i] = (version << 8 | piece) * 0x9E3779B1 + i;
}

/* Each piece has a version, which counts how often we wrote it; 0 is what was there before us. */
static bool use_disk(u32 number)
{
	static u32 versions[PIECES], mine[PIECE_WORDS], theirs[PIECE_WORDS];
	u32 piece = draw(PIECES);

	if (number % STEPS_A_FLUSH == 0 && block_flush(0))
		return false;
	if (draw(2) || !versions[piece]) {
		fill(mine, piece, ++versions[piece]);
		return !block_write(0, piece * PIECE_SECTORS, PIECE_SECTORS, mine);
	}
	fill(mine, piece, versions[piece]);
	memset(theirs, 0xEE, sizeof(theirs));
	return !block_read(0, piece * PIECE_SECTORS, PIECE_SECTORS, theirs)
		&& !memcmp(mine, theirs, sizeof(mine));
}

/* A network may lose a question; it may not answer another. ping() has looked at what came. */
static bool ask_peer(u32 number)
{
	if (ping(peer, number, number * 37 % PING_MAX) < 0)
		unanswered++;
	return true;
}

static bool nap(u32 number UNUSED)
{
	u64 start = clock_ns(), took;

	task_sleep(NAP_NS);
	took = clock_ns() - start;
	if (took < NAP_NS)
		return false;
	took -= NAP_NS;
	div64(&took, 1000);
	latest_us = MAX(latest_us, (u32)took);
	return true;
}

static bool throw_dice(u32 number UNUSED)
{
	static u8 before[32];
	u8 now[32] = { 0 };
	bool good = rng_read(now, sizeof(now)) > 0 && memcmp(now, before, sizeof(now));

	memcpy(before, now, sizeof(before));
	return good;
}

static void work(void *arg)
{
	struct worker *w = arg;

	while (!over) {
		if (!w->step(w->done++) && !w->wrong++)
			printk("churn: %s: step %u went wrong\n", w->name, w->done);
		yield();
	}
	task_exit(0);
}

static struct worker workers[] = {
	{ "sums", add_up, 0, 0 },
	{ "programs", run_programs, 0, 0 },
	{ "timer", nap, 0, 0 },
	{ "disk", use_disk, 0, 0 },
	{ "net", ask_peer, 0, 0 },
	{ "dice", throw_dice, 0, 0 },
};

static bool has_work(const struct worker *w)
{
	if (w->step == use_disk)
		return block_count() && block_capacity(0) >= PIECES * PIECE_SECTORS;
	return w->step == ask_peer ? peer != 0 : w->step != throw_dice || rng_present();
}

/* What is typed, until ^C or the end of all input. */
static void repeat_lines(void)
{
	static char line[LINE_SIZE];

	for (u32 n = 1; edit_line("", line, sizeof(line)) >= 0; n++)
		printk("churn: heard %u, %s\n", n, line);
}

static void report(void)
{
	u32 wrong = 0;

	for (u32 i = 0; i < ARRAY_SIZE(workers); i++) {
		wrong += workers[i].wrong;
		printk("churn: %s %u, wrong %u\n", workers[i].name, workers[i].done, workers[i].wrong);
	}
	printk("churn: %u unanswered, latest by %u us, %u wrong in all\n", unanswered, latest_us, wrong);
}

void churn(int argc, const char *const *argv)
{
	const char *end;
	u32 code;

	peer = 0;
	if (argc > 2 || (argc == 2 && (!parse_address(argv[1], &end, &peer) || *end))) {
		usage("churn");
		return;
	}
	/* Nobody is watched: ^C is a letter like any other, and ends the last line. */
	console_watch(0);
	if (peer && !ip_reach(peer)) {
		printk("churn: nobody there\n");
		return;
	}
	over = false;
	unanswered = latest_us = 0;
	for (struct worker *w = workers; w < workers + ARRAY_SIZE(workers); w++) {
		w->done = w->wrong = 0;
		if (has_work(w))
			kernel_task(w->name, work, w);
	}
	printk("churn: at work\n");
	repeat_lines();
	over = true;
	while (task_wait(-1, &code, NULL) >= 0)
		;
	report();
}
