/* SPDX-License-Identifier: Apache-2.0 */
/*G:830
 * The processor, spot-checked.
 *
 * A family of instructions is run with all combinations of some awkward numbers. Result and flags
 * go into a hash, and the hash is compared with the one which a processor of silicon gives. That
 * says only "something in this family is wrong", but it takes a few lines instead of a few
 * thousand. Flags which the manual leaves undefined are masked out before.
 *
 * Where the expected numbers come from: this file also compiles as an ordinary program which
 * prints them: "make expected" runs it on the processor you are sitting at.
 */
#ifdef NATIVE
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#else
#include "lib.h"
#include "paravirt.h"
#include "test.h"
#endif

#define CF 0x001
#define PF 0x004
#define AF 0x010
#define ZF 0x040
#define SF 0x080
#define DF 0x400
#define OF 0x800
#define ALL (CF | PF | AF | ZF | SF | OF)

static u32 hash;

static void note(u32 value)
{
	hash = (hash << 7 | hash >> 25) ^ value * 0x9E3779B1u;
}

static const u32 awkward[] = {
	0, 1, 2, 3, 5, 9, 10, 0x0F, 0x10, 0x7F, 0x80, 0x81, 0xFE, 0xFF, 0x100, 0x7FFF, 0x8000, 0x8001,
	0xFFFF, 0x10000, 0x12345678, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xAAAAAAAA, 0xDEADBEEF,
	0xFFFFFFFE, 0xFFFFFFFF,
};

/* One instruction (or a few), between loading the flags and storing them. Operands and results are
 * in eax and ecx. */
struct operands {
	u32 a, c, flags;
};

/* All awkward numbers with each other, carry clear and carry set. */
static void pairs(void (*run)(struct operands *o), u32 mask)
{
	for (u32 i = 0; i < ARRAY_SIZE(awkward); i++)
		for (u32 k = 0; k < ARRAY_SIZE(awkward); k++)
			for (u32 carry = 0; carry < 2; carry++) {
				struct operands o = { awkward[i], awkward[k], carry | 2 };

				run(&o);
				note(o.a);
				note(o.c);
				note(o.flags & mask);
			}
}

#define PAIR(code, mask) do {                                                          \
	void run(struct operands *o)                                                   \
	{                                                                              \
		__asm__ volatile("pushl %2; popfl; " code "; pushfl; popl %2"          \
			: "+a"(o->a), "+c"(o->c), "+S"(o->flags) :: "edx", "cc", "memory"); \
	}                                                                              \
	pairs(run, mask);                                                              \
} while (0)

#define ALL_SIZES(op, mask) do {                                                       \
	PAIR(op "l %%ecx, %%eax", mask);                                               \
	PAIR(op "w %%cx, %%ax", mask);                                                 \
	PAIR(op "b %%cl, %%al", mask);                                                 \
	PAIR(op "b %%ch, %%al", mask);                                                 \
	PAIR(op "b %%al, %%ah", mask);                                                 \
} while (0)

static void arithmetic(void)
{
	ALL_SIZES("add", ALL);
	ALL_SIZES("adc", ALL);
	ALL_SIZES("sub", ALL);
	ALL_SIZES("sbb", ALL);
	ALL_SIZES("cmp", ALL);
	PAIR("incl %%eax", ALL);
	PAIR("incw %%ax", ALL);
	PAIR("incb %%ah", ALL);
	PAIR("decl %%eax", ALL);
	PAIR("decw %%ax", ALL);
	PAIR("decb %%al", ALL);
	PAIR("negl %%eax", ALL);
	PAIR("negw %%ax", ALL);
	PAIR("negb %%al", ALL);
	PAIR("addl $-3, %%eax", ALL);
	PAIR("subw $0x7FFF, %%ax", ALL);
	PAIR("leal 5(%%eax,%%ecx,4), %%eax", ALL);
	/* lea 5(%bx,%si), %eax: addresses of 16 bits. */
	for (u32 i = 0; i < ARRAY_SIZE(awkward); i++) {
		u32 a = 0;

		__asm__ volatile(".byte 0x67, 0x8D, 0x40, 5" : "+a"(a) : "b"(awkward[i]), "S"(awkward[i]));
		note(a);
	}
}

static void logic(void)
{
	ALL_SIZES("and", ALL & ~AF);
	ALL_SIZES("or", ALL & ~AF);
	ALL_SIZES("xor", ALL & ~AF);
	ALL_SIZES("test", ALL & ~AF);
	PAIR("notl %%eax", ALL);
	PAIR("notb %%ah", ALL);
}

/* Carry in is a hash of its own here: a count of 0 leaves all flags alone. */
static void shift_by(u32 value, u32 count)
{
#define SHIFT(code, valid) do {                                                        \
	u32 a = value, c = count, f = ALL ^ (value & (CF | ZF | SF)) , masked = count & 31; \
	u32 mask = masked == 0 ? ALL : (valid) | (masked == 1 ? OF : 0);               \
	f |= 2;                                                                        \
	__asm__ volatile("pushl %2; popfl; " code "; pushfl; popl %2"                  \
		: "+a"(a), "+c"(c), "+S"(f) :: "edx", "cc", "memory");                 \
	note(a);                                                                       \
	note(f & mask);                                                                \
} while (0)
#define SHIFTED(bits) ((masked <= (bits) ? CF : 0) | PF | ZF | SF)
#define ROTATED (CF | PF | ZF | SF | AF)
	SHIFT("shll %%cl, %%eax", SHIFTED(32));
	SHIFT("shlw %%cl, %%ax", SHIFTED(16));
	SHIFT("shlb %%cl, %%al", SHIFTED(8));
	SHIFT("shrl %%cl, %%eax", SHIFTED(32));
	SHIFT("shrw %%cl, %%ax", SHIFTED(16));
	SHIFT("shrb %%cl, %%ah", SHIFTED(8));
	SHIFT("sarl %%cl, %%eax", SHIFTED(32));
	SHIFT("sarw %%cl, %%ax", SHIFTED(32));
	SHIFT("sarb %%cl, %%al", SHIFTED(32));
	SHIFT("roll %%cl, %%eax", ROTATED);
	SHIFT("rolw %%cl, %%ax", ROTATED);
	SHIFT("rolb %%cl, %%al", ROTATED);
	SHIFT("rorl %%cl, %%eax", ROTATED);
	SHIFT("rorw %%cl, %%ax", ROTATED);
	SHIFT("rorb %%cl, %%ah", ROTATED);
	SHIFT("rcll %%cl, %%eax", ROTATED);
	SHIFT("rclw %%cl, %%ax", ROTATED);
	SHIFT("rclb %%cl, %%al", ROTATED);
	SHIFT("rcrl %%cl, %%eax", ROTATED);
	SHIFT("rcrw %%cl, %%ax", ROTATED);
	SHIFT("rcrb %%cl, %%al", ROTATED);
	SHIFT("movl $0x89ABCDEF, %%edx; shldl %%cl, %%edx, %%eax", SHIFTED(32));
	SHIFT("movl $0x89ABCDEF, %%edx; shrdl %%cl, %%edx, %%eax", SHIFTED(32));
	if ((count & 31) <= 16) {
		SHIFT("movl $0x89ABCDEF, %%edx; shldw %%cl, %%dx, %%ax", SHIFTED(16));
		SHIFT("movl $0x89ABCDEF, %%edx; shrdw %%cl, %%dx, %%ax", SHIFTED(16));
	}
}

static void shifts(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(awkward); i++)
		for (u32 count = 0; count < 35; count++)
			shift_by(awkward[i], count);
	PAIR("shll %%eax", ALL & ~AF);
	PAIR("sarl %%eax", ALL & ~AF);
	PAIR("rcrl %%eax", CF | OF | ZF);
	PAIR("rcll %%eax", CF | OF | ZF);
	PAIR("roll $7, %%eax", CF);
	PAIR("shrw $3, %%ax", CF | ZF | SF | PF);
}

static void multiplication(void)
{
	PAIR("mull %%ecx; movl %%edx, %%ecx", CF | OF);
	PAIR("mulw %%cx; movl %%edx, %%ecx; shll $16, %%ecx; shrl $16, %%ecx; addl $0, %%eax", 0);
	PAIR("mulb %%cl", CF | OF);
	PAIR("imull %%ecx; movl %%edx, %%ecx", CF | OF);
	PAIR("imulb %%ch", CF | OF);
	PAIR("imull %%ecx, %%eax", CF | OF);
	PAIR("imulw %%cx, %%ax", CF | OF);
	PAIR("imull $-7, %%ecx, %%eax", CF | OF);
	PAIR("imull $0x12345, %%ecx, %%eax", CF | OF);
	PAIR("imulw $0x123, %%cx, %%ax", CF | OF);
}

static void division(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(awkward); i++)
		for (u32 k = 1; k < ARRAY_SIZE(awkward); k++) {
			u32 a = awkward[i], by = awkward[k], d;

			d = a % by / 2;
			__asm__("divl %2" : "+a"(a), "+d"(d) : "r"(by));
			note(a);
			note(d);
			a = awkward[i];
			d = (int)a < 0 ? ~0u : 0;
			if (by != 0xFFFFFFFF || a != 0x80000000) {
				__asm__("idivl %2" : "+a"(a), "+d"(d) : "r"(by));
				note(a);
				note(d);
			}
			a = awkward[i] & 0xFFFF;
			d = 0;
			if (by & 0xFFFF) {
				__asm__("divw %w2" : "+a"(a), "+d"(d) : "r"(by));
				note(a);
				note(d);
			}
			a = awkward[i] & 0xFF;
			if (by & 0xFF) {
				__asm__("divb %b1" : "+a"(a) : "c"(by));
				note(a);
			}
			a = awkward[i] & 0x7F;
			if (by & 0xFF) {
				__asm__("idivb %b1" : "+a"(a) : "c"(by));
				note(a);
			}
		}
}

static void bits(void)
{
	static u32 field[4];

	PAIR("btl %%ecx, %%eax", CF);
	PAIR("btsl %%ecx, %%eax", CF);
	PAIR("btrl %%ecx, %%eax", CF);
	PAIR("btcl %%ecx, %%eax", CF);
	PAIR("btsw $9, %%ax", CF);
	PAIR("btcl $31, %%eax", CF);
	PAIR("movl $99, %%eax; orl $1, %%ecx; bsfl %%ecx, %%eax", ZF);
	PAIR("movl $99, %%eax; orl $1, %%ecx; bsrl %%ecx, %%eax", ZF);
	PAIR("movl $1, %%eax; xorl %%ecx, %%ecx; bsfl %%ecx, %%ecx; movl $1, %%ecx", ZF);
	PAIR("orl $0x8000, %%ecx; bsrw %%cx, %%ax", ZF);
	PAIR("bswap %%eax", ALL);
	PAIR("movzbl %%ch, %%eax", ALL);
	PAIR("movzwl %%cx, %%eax", ALL);
	PAIR("movsbl %%cl, %%eax", ALL);
	PAIR("movswl %%cx, %%eax", ALL);
	PAIR("movsbw %%ch, %%ax", ALL);
	PAIR("cbtw", ALL);
	PAIR("cwtl", ALL);
	PAIR("cltd; movl %%edx, %%eax", ALL);
	PAIR("movl $0x12340000, %%edx; cwtd; movl %%edx, %%eax", ALL);

	/* The bit's number may be beyond the word, in both directions. */
	for (int n = -63; n < 63; n += 5) {
		u32 carry = 0;

		field[0] = 0x12345678;
		field[1] = 0x9ABCDEF0;
		field[2] = field[3] = 0x0F1E2D3C;
		__asm__ volatile("btsl %2, %1; adcl $0, %0" : "+r"(carry), "+m"(field[2]) : "r"(n)
			: "cc", "memory");
		__asm__ volatile("btcl %1, %0" : "+m"(field[2]) : "r"(n - 1) : "cc", "memory");
		__asm__ volatile("lock; btrl %1, %0" : "+m"(field[2]) : "r"(n + 1) : "cc", "memory");
		note(carry);
		note(field[0]);
		note(field[1]);
		note(field[2]);
		note(field[3]);
	}
}

static void conditions(void)
{
#define CONDITION(cc) PAIR("cmpl %%ecx, %%eax; set" cc " %%al; j" cc " 1f; addl $0x100, %%eax; 1:", 0)
	CONDITION("o"); CONDITION("no"); CONDITION("b"); CONDITION("ae");
	CONDITION("e"); CONDITION("ne"); CONDITION("be"); CONDITION("a");
	CONDITION("s"); CONDITION("ns"); CONDITION("p"); CONDITION("np");
	CONDITION("l"); CONDITION("ge"); CONDITION("le"); CONDITION("g");
	PAIR("movb %%cl, %%ah; sahf", CF | PF | AF | ZF | SF);
	PAIR("lahf", CF);
	PAIR("stc; cmc; sbbl %%eax, %%eax", CF);
	PAIR("andl $7, %%ecx; incl %%ecx; xorl %%eax, %%eax; 1: incl %%eax; loop 1b", 0);
	PAIR("andl $7, %%ecx; incl %%ecx; 1: cmpl $3, %%ecx; loopne 1b", ZF);
	PAIR("andl $1, %%ecx; jecxz 1f; addl $5, %%eax; 1:", 0);
}

static void atomics(void)
{
	PAIR("xaddl %%ecx, %%eax", ALL);
	PAIR("xaddw %%cx, %%ax", ALL);
	PAIR("xaddb %%cl, %%ah", ALL);
	PAIR("xchgl %%ecx, %%eax", ALL);
	PAIR("xchgb %%ch, %%al", ALL);
	PAIR("movl $5, %%edx; cmpxchgl %%edx, %%ecx", ALL);
	PAIR("movl $0x77, %%edx; cmpxchgb %%dl, %%cl", ALL);

	for (u32 i = 0; i < ARRAY_SIZE(awkward); i++)
		for (u32 k = 0; k < ARRAY_SIZE(awkward); k++) {
			u64 memory = (u64)awkward[i] << 32 | awkward[k];
			u32 low = awkward[k], high = awkward[(i + k) % 2 ? i : k], same = 0;

			__asm__ volatile("lock; cmpxchg8b %0; pushfl; popl %3"
				: "+m"(memory), "+a"(low), "+d"(high), "+S"(same)
				: "b"(0x11111111), "c"(0x22222222) : "cc", "memory");
			note(low);
			note(high);
			note(same & ZF);
			note(memory);
			note(memory >> 32);
		}
}

static void decimal(void)
{
	for (u32 i = 0; i < 0x400; i++) {
#define DECIMAL(code, mask) do {                                                       \
		u32 a = (i & 0xFF) | 0x0500, f = (i & 0x100 ? CF : 0) | (i & 0x200 ? AF : 0) | 2; \
		__asm__ volatile("pushl %1; popfl; " code "; pushfl; popl %1"          \
			: "+a"(a), "+r"(f) :: "cc", "memory");                         \
		note(a);                                                               \
		note(f & (mask));                                                      \
} while (0)
		DECIMAL("daa", CF | AF | ZF | SF | PF);
		DECIMAL("das", CF | AF | ZF | SF | PF);
		DECIMAL("aaa", CF | AF);
		DECIMAL("aas", CF | AF);
		DECIMAL("aam", ZF | SF | PF);
		DECIMAL("aad", ZF | SF | PF);
		DECIMAL(".byte 0xD4, 7", ZF | SF | PF);
		DECIMAL(".byte 0xD5, 7", ZF | SF | PF);
	}
}

static void strings(void)
{
	static u8 from[64], to[64];

	for (u32 n = 0; n < 20; n++)
		for (u32 down = 0; down < 2; down++) {
			u32 c, s, d, a;

			for (u32 i = 0; i < 64; i++) {
				from[i] = i * 7;
				to[i] = i == 40 ? 1 : i * 7;
			}
#define STRING(code) do {                                                              \
			c = n;                                                         \
			s = (u32)&from[32];                                            \
			d = (u32)&to[32];                                              \
			a = 0xE7E0E007;                                                \
			if (down)                                                      \
				__asm__ volatile("std; cmpl %%eax, %%eax; " code "; pushfl; cld; popl %%edx; andl $0x41, %%edx" \
					: "+c"(c), "+S"(s), "+D"(d), "+a"(a) :: "edx", "cc", "memory"); \
			else                                                           \
				__asm__ volatile("cmpl %%eax, %%eax; " code              \
					: "+c"(c), "+S"(s), "+D"(d), "+a"(a) :: "edx", "cc", "memory"); \
			note(c);                                                       \
			note(s - (u32)from);                                           \
			note(d - (u32)to);                                             \
			note(a);                                                       \
} while (0)
			STRING("repe cmpsb; setb %%al");
			STRING("repne cmpsb; seta %%al");
			STRING("repne scasb; sete %%ah");
			STRING("repe scasb; sete %%ah");
			STRING("lodsb");
			STRING("lodsl");
			STRING("rep lodsb");
			STRING("stosw");
			STRING("movsl");
			STRING("rep movsb");
			STRING("cmpsw; setb %%al");
			STRING("scasl; setb %%al");
			c = n / 4;
			STRING("shrl $2, %%ecx; rep stosl");
			STRING("shrl $2, %%ecx; rep movsl");
			STRING("shrl %%ecx; rep movsw");
			for (u32 i = 0; i < 64; i++)
				note(to[i]);
		}
}

static void stack(void)
{
	static u8 table[256];
	u32 result, after;

	for (u32 i = 0; i < 256; i++)
		table[i] = ~i;
	for (u32 i = 0; i < ARRAY_SIZE(awkward); i++) {
		__asm__ volatile("movl %%esp, %1; pushw %w2; pushw $0x1234; popl %0; subl %%esp, %1"
			: "=&r"(result), "=&r"(after) : "r"(awkward[i]) : "memory");
		note(result);
		note(after);
		__asm__ volatile("movl %%esp, %1; pushl $-5; pushl %2; popl %0; addl (%%esp), %0; "
			"addl $4, %%esp; subl %%esp, %1"
			: "=&r"(result), "=&r"(after) : "r"(awkward[i]) : "memory", "cc");
		note(result);
		note(after);
		__asm__ volatile("pushl %%ebp; movl %%esp, %1; pushl %2; enter $16, $0; "
			"movl 4(%%ebp), %0; leave; addl $4, %%esp; subl %%esp, %1; popl %%ebp"
			: "=&a"(result), "=&d"(after) : "c"(awkward[i]) : "memory", "cc");
		note(result);
		note(after);
		/* pushal keeps the esp from before; popal ignores it. */
		__asm__ volatile("movl %%esp, %1; pushal; subl 12(%%esp), %1; "
			"movl %2, 28(%%esp); popal; movl %%eax, %0"
			: "=&c"(result), "=&d"(after) : "b"(awkward[i]) : "eax", "memory", "cc");
		note(result);
		result = awkward[i];
		__asm__ volatile("xlatb" : "+a"(result) : "b"(table) : "memory");
		note(result);
		__asm__ volatile("call 1f; 1: popl %0; subl $1b, %0" : "=r"(result) :: "memory", "cc");
		note(result);
		__asm__ volatile("pushl %1; pushl $1f; ret $4; 1: movl $7, %0"
			: "=r"(result) : "r"(awkward[i]) : "memory");
		note(result);
	}
}

static const struct family {
	const char *name;
	void (*run)(void);
	u32 expected;
} families[] = {
#include "cpu-expected.h"
};

#ifdef NATIVE

/* No C library, so that it links wherever the kernel does. */
static void say(const char *text)
{
	u32 n = 0, result;

	while (text[n])
		n++;
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(4), "b"(1), "c"(text), "d"(n) : "memory");
}

void _start(void)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} all[] = {
		{ "arithmetic", arithmetic }, { "logic", logic }, { "shifts", shifts },
		{ "multiplication", multiplication }, { "division", division }, { "bits", bits },
		{ "conditions", conditions }, { "atomics", atomics }, { "decimal", decimal },
		{ "strings", strings }, { "stack", stack },
	};

	(void)families;
	for (u32 i = 0; i < ARRAY_SIZE(all); i++) {
		char text[] = "0x00000000 },\n";

		hash = 0;
		all[i].run();
		for (u32 k = 0; k < 8; k++)
			text[2 + k] = "0123456789ABCDEF"[hash >> (28 - 4 * k) & 15];
		say("\t{ \"");
		say(all[i].name);
		say("\", ");
		say(all[i].name);
		say(", ");
		say(text);
	}
	__asm__ volatile("int $0x80" :: "a"(1), "b"(0));
}

#else

static const char *family(const void *arg)
{
	const struct family *f = arg;

	hash = 0;
	f->run();
	CHECK(hash == f->expected, "hash %x instead of %x", hash, f->expected);
	return NULL;
}

/* What the kernel sees of cpuid: a plain machine that never heard of interrupt controllers. */
TEST(cpuid_filter)
{
	struct cpuid_regs r = { .eax = 1 }, top = { .eax = 0 }, hypervisor = { .eax = 0x40000000 };

	cpuid(&r);
	cpuid(&top);
	cpuid(&hypervisor);
	CHECK((r.eax >> 8 & 15) == 5, "family %u", r.eax >> 8 & 15);
	CHECK(r.edx & 1 && r.edx & 0x100, "neither FPU nor CMPXCHG8B: %x", r.edx);
	CHECK(r.edx & 0x2000, "no global pages");
	CHECK(!(r.edx & ~0x0780A151), "more features than we know: %x", r.edx);
	CHECK(!(r.ecx & ~0x00002201), "more features than we know: %x", r.ecx);
	CHECK(top.eax >= 1 && top.eax <= 5, "highest leaf %x", top.eax);
	CHECK(!hypervisor.ebx && !hypervisor.ecx && !hypervisor.edx, "a hypervisor shows through");
	return NULL;
}

TEST(cmov)
{
	struct cpuid_regs r = { .eax = 1 };
	u32 a = 1, b = 1;

	cpuid(&r);
	if (!(r.edx >> 15 & 1))
		SKIP("this processor has no cmov");
	__asm__ volatile("cmpl $1, %0; cmovel %2, %0; cmpl $1, %1; cmovnel %2, %1"
		: "+r"(a), "+r"(b) : "r"(77) : "cc");
	CHECK(a == 77 && b == 1, "%u %u", a, b);
	return NULL;
}

#define FAMILY(i) family, &families[i]

const struct test cpu_tests[] = {
	{ "cpu: arithmetic", FAMILY(0) },
	{ "cpu: logic", FAMILY(1) },
	{ "cpu: shifts and rotates", FAMILY(2) },
	{ "cpu: multiplication", FAMILY(3) },
	{ "cpu: division", FAMILY(4) },
	{ "cpu: bits and widths", FAMILY(5) },
	{ "cpu: conditions and loops", FAMILY(6) },
	{ "cpu: exchange and compare", FAMILY(7) },
	{ "cpu: decimal", FAMILY(8) },
	{ "cpu: strings", FAMILY(9) },
	{ "cpu: stack", FAMILY(10) },
	{ "cpu: conditional move", cmov, NULL },
	{ "cpuid: the kernel sees a filtered one", cpuid_filter, NULL },
	{ .name = NULL },
};

#endif
