/* SPDX-License-Identifier: Apache-2.0 */
/*G:530
 * Programs.
 *
 * A program is a statically linked ELF file: ours are part of the kernel image, others may come
 * in the initial ram disk. The loader reads the list of segments and writes down an area for
 * each. Not one byte of the program is touched here; that happens when it runs, page by page.
 *
 * The one page we do touch is the top of its stack, where it expects its arguments.
 */
#include "lib.h"
#include "files.h"
#include "paravirt.h"
#include "task.h"

#define STACK_TOP 0xBFFFF000u
#define USER_STACK_SIZE 0x00040000u

/* An ELF file as the loader sees it: a header which says where the list of segments is, and for each
 * segment where its bytes are in the file (offset, filesz), where they belong in memory (vaddr), and
 * how much memory it takes (memsz; what the file does not have is zero). */
struct elf_header {
	u8 ident[16];
	u16 type, machine;
	u32 version, entry, phoff, shoff, flags;
	u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_segment {
	u32 type, offset, vaddr, paddr, filesz, memsz, flags, align;
};

#define ELF_EXEC 2
#define ELF_386 3
#define ELF_LOAD 1
#define ELF_WRITE 2

/* The file may come from anywhere: each number in it is compared with what is possible before it is
 * used. Programs end below 1 GiB, where anonymous mappings begin. */
static bool load_segments(struct space *s, const struct file *f, u32 *entry)
{
	const struct elf_header *h = (const void *)f->data;
	u32 top = 0;

	if (f->size < sizeof(*h) || memcmp(h->ident, "\177ELF\1\1", 6) || h->type != ELF_EXEC
	    || h->machine != ELF_386 || h->phentsize != sizeof(struct elf_segment)
	    || h->phoff > f->size || h->phnum > (f->size - h->phoff) / sizeof(struct elf_segment))
		return false;

	for (u32 i = 0; i < h->phnum; i++) {
		struct elf_segment g;
		struct area *a;

		memcpy(&g, f->data + h->phoff + i * sizeof(g), sizeof(g));
		if (g.type != ELF_LOAD || !g.memsz)
			continue;
		if (g.offset > f->size || g.filesz > f->size - g.offset || g.filesz > g.memsz
		    || g.vaddr >= 0x40000000 || g.memsz > 0x40000000 - g.vaddr)
			return false;
		a = space_add(s, g.vaddr, g.vaddr + g.memsz, g.flags & ELF_WRITE ? AREA_WRITE : 0);
		if (!a)
			return false;
		a->data = f->data + g.offset;
		a->data_start = g.vaddr;
		a->data_size = g.filesz;
		top = MAX(top, a->end);
	}
	s->brk_start = s->brk = top;
	*entry = h->entry;
	return top != 0;
}

/* A kernel view of one page of the program's stack; it is made if need be. */
static u32 *stack_page(struct space *s, u32 address)
{
	if (!space_fault(s, address, true))
		return NULL;
	return va(pte_frame(*pte_lookup(s->pgd, address)));
}

/* Lays out what a C start-up file expects, from esp upwards: argc, the pointers to the arguments,
 * 0, no environment, 0, no auxiliary vector, 0 0; and at the very top the strings. */
static u32 push_arguments(struct space *s, int argc, const char *const *argv)
{
	u32 page = STACK_TOP - PAGE_SIZE, at = PAGE_SIZE, pointers[MAX_ARGS];
	u8 *bytes;
	u32 *words;

	if (!space_add(s, STACK_TOP - USER_STACK_SIZE, STACK_TOP, AREA_WRITE))
		return 0;
	bytes = (u8 *)stack_page(s, page);
	if (!bytes)
		return 0;
	for (int i = 0; i < argc; i++) {
		u32 size = strlen(argv[i]) + 1;

		if (size > 256)
			return 0;
		at -= size;
		memcpy(bytes + at, argv[i], size);
		pointers[i] = page + at;
	}
	at = (at - 4 * (argc + 6)) & ~15u;
	words = (u32 *)(bytes + at);
	words[0] = argc;
	for (int i = 0; i < argc; i++)
		words[1 + i] = pointers[i];
	for (int i = argc + 1; i < argc + 6; i++)
		words[i] = 0;
	return page + at;
}

/*G:535
 * The first entry into ring 3 is a return. We build the frame of a trap that never happened, as
 * if the program had been interrupted just before its first instruction, and let the new task
 * begin life at the end of the trap handler.
 */
static void prepare_return(struct task *t, const struct regs *frame)
{
	struct regs *r = (struct regs *)t->stack_top - 1;
	u32 *sp = (u32 *)r - 5;

	*r = *frame;
	sp[4] = (u32)return_from_trap;
	t->esp = (u32)sp;
}

/* A name without a slash is looked for in bin/. NULL if there is no such program, or no room. */
struct task *program_start(int argc, const char *const *argv, bool quiet)
{
	char path[64];
	struct file f;
	struct task *t;
	struct regs r;
	u32 entry = 0, esp = 0, flags;

	snprintf(path, sizeof(path), "%s%s", strchr(argv[0], '/') ? "" : "bin/", argv[0]);
	if (argc > MAX_ARGS || !file_open(path, &f) || !f.data)
		return NULL;
	t = task_new(argv[0]);
	if (!t)
		return NULL;
	if (space_create(&t->space) && load_segments(&t->space, &f, &entry))
		esp = push_arguments(&t->space, argc, argv);
	if (!esp) {
		space_destroy(&t->space);
		t->state = TASK_FREE;
		return NULL;
	}
	memset(&r, 0, sizeof(r));
	r.cs = USER_CS;
	r.ds = r.es = r.ss = USER_DS;
	r.eip = entry;
	r.esp = esp;
	r.eflags = EFLAGS_IF | 2;
	prepare_return(t, &r);
	t->quiet = quiet;
	flags = irq_save();
	t->state = TASK_READY;
	irq_restore(flags);
	return t;
}

/* fork(): the child returns from the same system call, with 0. */
int program_fork(struct regs *frame)
{
	struct task *t = task_new(current->name);
	struct regs r = *frame;

	if (!t)
		return -11;
	if (!space_fork(&t->space, &current->space)) {
		t->state = TASK_FREE;
		return -12;
	}
	memcpy(t->tls, current->tls, sizeof(t->tls));
	fpu_fork(t);
	t->quiet = current->quiet;
	r.eax = 0;
	prepare_return(t, &r);
	t->state = TASK_READY;
	return t->pid;
}

/* Runs a program and waits for it; -1 if there is no such program. */
int program_run(int argc, const char *const *argv, bool quiet, u32 *code, struct death *death)
{
	struct task *t = program_start(argc, argv, quiet);

	return t ? task_wait(t->pid, code, death) : -1;
}
