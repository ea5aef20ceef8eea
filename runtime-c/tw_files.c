/* Lists of files named on the command line. */
#include "tw_runner.h"

#include <errno.h>
#include <string.h>

#define MAX_NAME 4096

/* Copies the list's next name; returns what follows its comma, or null at the end. */
static const char *next_name(const char *list, char *name, size_t size)
{
    const size_t length = strcspn(list, ",");
    const size_t kept = length < size ? length : size - 1;

    memcpy(name, list, kept);
    name[kept] = '\0';
    return list[length] == ',' ? list + length + 1 : NULL;
}

static int count_names(const char *list)
{
    int count = list == NULL || *list == '\0' ? 0 : 1;

    for (const char *c = list; count > 0 && *c != '\0'; c++)
        count += *c == ',';
    return count;
}

int tw_files_open(FILE **files, const char *list, int count, const char *mode, const char *what)
{
    char name[MAX_NAME];

    for (int i = 0; i < count; i++)
        files[i] = NULL;
    if (count_names(list) != count) {
        fprintf(stderr, "error: --%s names %d files, the network has %d\n", what, count_names(list), count);
        return TW_EXIT_USAGE;
    }
    for (int i = 0; i < count; i++) {
        list = next_name(list, name, sizeof name);
        files[i] = fopen(name, mode);
        if (files[i] == NULL) {
            fprintf(stderr, "error: cannot open %s: %s\n", name, strerror(errno));
            tw_files_close(files, i);
            return *mode == 'r' ? TW_EXIT_INPUT : TW_EXIT_OUTPUT;
        }
    }
    return TW_EXIT_OK;
}

int tw_files_close(FILE **files, int count)
{
    int code = TW_EXIT_OK;

    for (int i = 0; i < count; i++) {
        if (files[i] != NULL && fclose(files[i]) != 0)
            code = TW_EXIT_OUTPUT;
        files[i] = NULL;
    }
    return code;
}
