/* Runs a fuzz target over the files and folders given: the smoke test for any compiler. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
replay_file(const char *path)
{
    static uint8_t buf[1 << 21];
    FILE *f = fopen(path, "rb");
    uint8_t *exact;
    size_t n;

    if (f == NULL)
        return perror(path), 1;
    n = fread(buf, 1, sizeof buf, f);
    (void)fclose(f);
    exact = malloc(n ? n : 1); /* so that ASan sees one byte too far */
    if (exact == NULL)
        return 1;
    if (n > 0)
        memcpy(exact, buf, n);
    (void)LLVMFuzzerTestOneInput(exact, n);
    free(exact);
    return 0;
}

static int
replay_folder(const char *path, unsigned *count)
{
    DIR *dir = opendir(path);
    struct dirent *e;
    int bad = 0;

    if (dir == NULL)
        return perror(path), 1;
    while ((e = readdir(dir)) != NULL) {
        char name[4096];

        if (e->d_name[0] == '.')
            continue;
        (void)snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        bad |= replay_file(name);
        (*count)++;
    }
    (void)closedir(dir);
    return bad;
}

int
main(int argc, char **argv)
{
    unsigned count = 0;
    int bad = 0;

    for (int i = 1; i < argc; i++) {
        struct stat st;

        if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode)) {
            bad |= replay_folder(argv[i], &count);
        } else {
            bad |= replay_file(argv[i]);
            count++;
        }
    }
    printf("%u seeds\n", count);
    return bad || count == 0; /* a target without seeds tests nothing */
}
