/* placeholder */
#include "shell.h"
#include "lib.h"
void selftest(int argc UNUSED, const char *const *argv UNUSED) { printk("none\n"); }
