/*
 * Loaded before libc (LD_PRELOAD), writes down what a process does to files named data.mdb and acknowledged: a power cut is
 * played from that. Each entry: kind, offset and length as 8 bytes each, data.
 *   W a write that is not on the disk yet      D a write that is (O_DSYNC)
 *   S all earlier writes are on the disk       A an acknowledgement
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static char kind_of(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  const char *name = strrchr(path, '/');
  if (!name) return 0;
  if (strcmp(name, "/acknowledged") == 0) return 'A';
  if (strcmp(name, "/data.mdb") != 0) return 0;
  return fcntl(fd, F_GETFL) & O_DSYNC ? 'D' : 'W';
}

static void append(const void *data, size_t length) {
  static int log_fd = -1;
  if (log_fd < 0) log_fd = open(getenv("POWER_CUT_LOG"), O_WRONLY | O_CREAT | O_APPEND, 0600);
  for (size_t done = 0; done < length;) {
    ssize_t written = syscall(SYS_write, log_fd, (const char *)data + done, length - done);
    if (written <= 0) abort();
    done += written;
  }
}

static void note(char kind, uint64_t offset, const struct iovec *parts, int count) {
  uint64_t length = 0;
  for (int i = 0; i < count; i++) length += parts[i].iov_len;
  pthread_mutex_lock(&lock);
  append(&kind, 1);
  append(&offset, 8);
  append(&length, 8);
  for (int i = 0; i < count; i++) append(parts[i].iov_base, parts[i].iov_len);
  pthread_mutex_unlock(&lock);
}

/* A write is noted before it is done, since it may reach the disk at any time from then on; a lasting one afterwards. */
#define RECORDED(call, fd, offset, parts, count)              \
  char kind = kind_of(fd);                                    \
  if (kind == 'W') note(kind, offset, parts, count);          \
  ssize_t result = call;                                      \
  if (kind == 'D' || kind == 'A') note(kind, offset, parts, count); \
  return result;

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
  struct iovec part = {(void *)data, length};
  RECORDED(syscall(SYS_pwrite64, fd, data, length, offset), fd, offset, &part, 1)
}
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) { return pwrite(fd, data, length, offset); }

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  RECORDED(syscall(SYS_pwritev, fd, parts, count, offset, 0), fd, offset, parts, count)
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
  return pwritev(fd, parts, count, offset);
}

ssize_t write(int fd, const void *data, size_t length) {
  struct iovec part = {(void *)data, length};
  RECORDED(syscall(SYS_write, fd, data, length), fd, (uint64_t)lseek(fd, 0, SEEK_CUR), &part, 1)
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  RECORDED(syscall(SYS_writev, fd, parts, count), fd, (uint64_t)lseek(fd, 0, SEEK_CUR), parts, count)
}

static int synced(int fd, int result) {
  char kind = kind_of(fd);
  if (result == 0 && (kind == 'W' || kind == 'D')) note('S', 0, NULL, 0);
  return result;
}
int fdatasync(int fd) { return synced(fd, syscall(SYS_fdatasync, fd)); }
int fsync(int fd) { return synced(fd, syscall(SYS_fsync, fd)); }
