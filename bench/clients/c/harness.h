/* What the C programs share: arguments, the clock, the check of what a consumer saw, the line of JSON (bench/README.md). */
#ifndef BENCH_HARNESS_H
#define BENCH_HARNESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define PARTITIONS 6

typedef struct {
    const char *verb, *bootstrap, *topic, *shape;
    const char *batch_bytes, *linger_ms; /* NULL: the client's own. */
    uint64_t records, warmup;
    size_t record_bytes;
} work_t;

typedef struct {
    double wall, cpu;
} usage_t;

typedef struct {
    uint64_t records, failed;
} tally_t;

typedef struct {
    int64_t next[PARTITIONS];
    uint64_t records, wrong;
} seen_t;

static inline void die(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why ? why : "");
    exit(1);
}

static inline work_t arguments(int argc, const char *const *argv) {
    work_t work = {argc > 1 ? argv[1] : "", "127.0.0.1:9092", "bench", "", NULL, NULL, 1000000, 100000, 100};
    for (int at = 2; at + 1 < argc; at += 2) {
        const char *name = argv[at], *text = argv[at + 1];
        if (!strcmp(name, "--bootstrap")) work.bootstrap = text;
        else if (!strcmp(name, "--topic")) work.topic = text;
        else if (!strcmp(name, "--shape")) work.shape = text;
        else if (!strcmp(name, "--batch-bytes")) work.batch_bytes = text;
        else if (!strcmp(name, "--linger-ms")) work.linger_ms = text;
        else if (!strcmp(name, "--records")) work.records = strtoull(text, NULL, 10);
        else if (!strcmp(name, "--warmup")) work.warmup = strtoull(text, NULL, 10);
        else if (!strcmp(name, "--record-bytes")) work.record_bytes = strtoull(text, NULL, 10);
        else die("no such argument", name);
    }
    return work;
}

static inline char *value(size_t size) {
    char *bytes = malloc(size);
    if (!bytes) die("malloc", "no memory");
    for (size_t index = 0; index < size; index++) bytes[index] = (char)('a' + index % 26);
    return bytes;
}

static inline void see(seen_t *seen, int32_t partition, int64_t offset, size_t got, size_t wanted) {
    if (offset != seen->next[partition] || got != wanted) seen->wrong++;
    seen->next[partition] = offset + 1;
    seen->records++;
}

static inline usage_t usage(void) {
    struct timespec now;
    struct rusage spent;
    clock_gettime(CLOCK_MONOTONIC, &now);
    getrusage(RUSAGE_SELF, &spent);
    usage_t result = {(double)now.tv_sec + (double)now.tv_nsec / 1e9,
                      (double)(spent.ru_utime.tv_sec + spent.ru_stime.tv_sec) +
                          (double)(spent.ru_utime.tv_usec + spent.ru_stime.tv_usec) / 1e6};
    return result;
}

static inline void report(usage_t start, uint64_t records, uint64_t failed) {
    usage_t end = usage();
    printf("{\"records\":%llu,\"failed\":%llu,\"seconds\":%.6f,\"cpu_seconds\":%.6f}\n", (unsigned long long)records,
           (unsigned long long)failed, end.wall - start.wall, end.cpu - start.cpu);
}

#endif
