/* Makes fdatasync slow, as a busy disk does: gcc -shared -fPIC -o slow_fsync.so slow_fsync.c, then LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>

int fdatasync(int descriptor) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  usleep(1500000);
  return real(descriptor);
}
