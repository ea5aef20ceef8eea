/* What the tests run on a board: does what its first argument says. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int count, char **words) {
  const char *what = count > 1 ? words[1] : "hello";
  const char *value = count > 2 ? words[2] : "";
  if (strcmp(what, "echo") == 0) {
    for (int i = 2; i < count; i++) printf("<%s>\n", words[i]);
    return 0;
  }
  if (strcmp(what, "exit") == 0) {
    fprintf(stderr, "leaving with %s\n", value);
    return atoi(value);
  }
  if (strcmp(what, "raise") == 0) return raise(atoi(value));
  if (strcmp(what, "sleep") == 0) {
    puts("asleep");
    fflush(stdout);
    usleep((useconds_t)(atof(value) * 1e6));
    puts("awake");
    return 0;
  }
  if (strcmp(what, "dot-product") == 0) { /* sdot v0.4s, v1.16b, v2.16b: not on cores before Armv8.2 */
    __asm__ volatile(".inst 0x4e829420" ::: "v0");
    puts("dot product");
    return 0;
  }
  if (strcmp(what, "flood") == 0) {
    for (;;) puts("a line of sixty-four characters, again and again and again......");
  }
  if (strncmp(what, "copy", 4) == 0) { /* copy FROM TO: the bytes, each one more; copy-and-wait ends a moment later */
    FILE *in = fopen(value, "rb"), *out = fopen(words[3], "wb");
    if (!in || !out) return 3;
    for (int c; (c = getc(in)) != EOF;) putc((c + 1) & 255, out);
    int status = fclose(out);
    if (strcmp(what, "copy-and-wait") == 0) usleep(400000);
    return status;
  }
  printf("hello from %zu-bit\n", sizeof(void *) * 8);
  return 0;
}
