#include "check.h"

#include "broker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *running = "";

_Noreturn static void end(void) {
    fprintf(stderr, "  in %s\n", running);
    exit(1);
}

void check_failed(const char *file, int line, const char *what) {
    fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
    end();
}

void check_not_ok(const char *file, int line, const char *call, ottla_status_t status, ottla_error_t *error) {
    fprintf(stderr, "%s:%d: %s\n  gave %s: %s\n", file, line, call, ottla_status_name(status), ottla_error_text(error));
    end();
}

void check_not_failed_so(const char *file, int line, const char *call, ottla_status_t expected, ottla_status_t status,
                         const char *text, ottla_error_t *error) {
    fprintf(stderr, "%s:%d: %s\n  was to fail with %s and \"%s\"\n  gave %s: %s\n", file, line, call,
            ottla_status_name(expected), text, ottla_status_name(status), ottla_error_text(error));
    end();
}

bool has_text(const char *text, const char *part) { return strstr(text, part) != NULL; }

static bool is_chosen(int argc, char **argv, const char *name) {
    bool is_named = argc < 2;
    for (int i = 1; i < argc; ++i) {
        is_named = is_named || strcmp(argv[i], name) == 0;
    }
    return is_named;
}

int run_tests(int argc, char **argv, const test_t *tests, size_t count) {
    size_t ran = 0;
    for (size_t i = 0; i < count; ++i) {
        if (is_chosen(argc, argv, tests[i].name)) {
            const int64_t started = now_ms();
            running = tests[i].name;
            tests[i].run();
            printf("%5lld ms  %s\n", (long long)(now_ms() - started), running);
            fflush(stdout);
            ++ran;
        }
    }
    stop_broker();
    running = "choosing tests";
    CHECK(ran > 0);
    return 0;
}
