/*
 * Preloaded into the shell of a loopback board. Two things make this machine look like an ARM board:
 *  - executing an AArch64 program starts qemu-aarch64 with the core of BOARD_CPU;
 *  - opening a file that BOARD_ROOT holds a copy of opens the copy (/proc/cpuinfo, cpufreq, ...).
 * Nothing here is needed on a real board, nor where the kernel runs foreign programs by binfmt_misc.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

extern char **environ;

typedef int (*execve_function)(const char *, char *const[], char *const[]);
typedef int (*open_function)(const char *, int, ...);
typedef int (*openat_function)(int, const char *, int, ...);

static open_function real_open(void) {
  static open_function found;
  if (!found) found = (open_function)dlsym(RTLD_NEXT, "open64");
  return found;
}

static int is_aarch64(const char *path) {
  unsigned char header[20];
  int file = real_open()(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t got = read(file, header, sizeof header);
  close(file);
  return got == sizeof header && memcmp(header, "\177ELF", 4) == 0 && header[18] == 0xb7 && header[19] == 0;
}

static size_t count(char *const words[]) {
  size_t n = 0;
  while (words[n]) n++;
  return n;
}

int execve(const char *path, char *const args[], char *const env[]) {
  execve_function real = (execve_function)dlsym(RTLD_NEXT, "execve");
  if (!is_aarch64(path)) return real(path, args, env);
  const char *qemu = getenv("BOARD_QEMU");
  const char *cpu = getenv("BOARD_CPU");
  const char *root = getenv("BOARD_ROOT");
  size_t n = count(args);
  const char *emulated[n + 8];
  size_t at = 0;
  emulated[at++] = qemu ? qemu : "/usr/bin/qemu-aarch64";
  if (cpu) emulated[at++] = "-cpu", emulated[at++] = cpu;
  if (root) emulated[at++] = "-L", emulated[at++] = root;
  emulated[at++] = path;
  for (size_t i = 1; i < n; i++) emulated[at++] = args[i];
  emulated[at] = NULL;
  /* The emulator itself is a program of this machine and runs without the shim. */
  size_t m = count(env);
  const char *kept[m + 1];
  size_t to = 0;
  for (size_t i = 0; i < m; i++)
    if (strncmp(env[i], "LD_PRELOAD=", 11) != 0) kept[to++] = env[i];
  kept[to] = NULL;
  return real(emulated[0], (char *const *)emulated, (char *const *)kept);
}

int execv(const char *path, char *const args[]) { return execve(path, args, environ); }

int execvpe(const char *file, char *const args[], char *const env[]) {
  if (strchr(file, '/')) return execve(file, args, env);
  const char *search = getenv("PATH");
  if (!search) search = "/usr/bin:/bin";
  while (*search) {
    char path[PATH_MAX];
    size_t length = strcspn(search, ":");
    snprintf(path, sizeof path, "%.*s/%s", (int)length, search, file);
    if (access(path, X_OK) == 0) return execve(path, args, env);
    search += length;
    if (*search == ':') search++;
  }
  errno = ENOENT;
  return -1;
}

int execvp(const char *file, char *const args[]) { return execvpe(file, args, environ); }

/* The board's own copy of a file, if it has one. */
static const char *on_board(const char *path, char copy[PATH_MAX]) {
  const char *root = getenv("BOARD_ROOT");
  if (!root || path[0] != '/') return path;
  int length = snprintf(copy, PATH_MAX, "%s%s", root, path);
  return length > 0 && length < PATH_MAX && access(copy, R_OK) == 0 ? copy : path;
}

static mode_t mode_of(int flags, va_list rest) {
  return flags & (O_CREAT | O_TMPFILE) ? (mode_t)va_arg(rest, int) : 0;
}

int open64(const char *path, int flags, ...) {
  char copy[PATH_MAX];
  va_list rest;
  va_start(rest, flags);
  mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return real_open()(on_board(path, copy), flags, mode);
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open64(path, flags, mode);
}

int openat64(int folder, const char *path, int flags, ...) {
  char copy[PATH_MAX];
  va_list rest;
  va_start(rest, flags);
  mode_t mode = mode_of(flags, rest);
  va_end(rest);
  openat_function real = (openat_function)dlsym(RTLD_NEXT, "openat64");
  return real(folder, on_board(path, copy), flags, mode);
}

int openat(int folder, const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return openat64(folder, path, flags, mode);
}
