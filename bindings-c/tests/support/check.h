/* What tests check with: unlike assert(), it is there in every build, and it says what an error said. */
#ifndef OTTLA_TESTS_CHECK_H
#define OTTLA_TESTS_CHECK_H

#include <ottla.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Each ends the program. */
void check_failed(const char *file, int line, const char *what);
void check_not_ok(const char *file, int line, const char *call, ottla_status_t status, ottla_error_t *error);
void check_not_failed_so(const char *file, int line, const char *call, ottla_status_t expected, ottla_status_t status,
                         const char *text, ottla_error_t *error);

bool has_text(const char *text, const char *part);

#define CHECK(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))

/* Does a call whose last argument is `&error`, which must succeed. */
#define OK(call)                                                                                                       \
    do {                                                                                                               \
        ottla_error_t *error = NULL;                                                                                   \
        const ottla_status_t status_ = (call);                                                                         \
        if (status_ != OTTLA_OK || error != NULL) {                                                                    \
            check_not_ok(__FILE__, __LINE__, #call, status_, error);                                                   \
        }                                                                                                              \
    } while (0)

/* Does a call whose last argument is `&error`, which must fail in this way with a text that contains `part`. */
#define FAILS(expected, part, call)                                                                                    \
    do {                                                                                                               \
        ottla_error_t *error = NULL;                                                                                   \
        const ottla_status_t status_ = (call);                                                                         \
        if (status_ != (expected) || ottla_error_status(error) != (expected) ||                                        \
            !has_text(ottla_error_text(error), (part))) {                                                              \
            check_not_failed_so(__FILE__, __LINE__, #call, (expected), status_, (part), error);                        \
        }                                                                                                              \
        ottla_error_free(error);                                                                                       \
    } while (0)

/* A test, and the list of them that main() runs; with arguments, those so named. */
typedef struct test_t {
    const char *name;
    void (*run)(void);
} test_t;

int run_tests(int argc, char **argv, const test_t *tests, size_t count);

#define TEST(name) {#name, name}
#define RUN_TESTS(...)                                                                                                 \
    int main(int argc, char **argv) {                                                                                  \
        const test_t tests[] = {__VA_ARGS__};                                                                          \
        return run_tests(argc, argv, tests, sizeof tests / sizeof tests[0]);                                           \
    }

#ifdef __cplusplus
}
#endif

#endif
