/* What tests of clients share: a broker for the whole program, topics, clients, and what to wait by. */
#ifndef OTTLA_TESTS_BROKER_H
#define OTTLA_TESTS_BROKER_H

#include "check.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How long anything may take: far beyond what it does take, also under valgrind on a machine with other things to do. */
#define LIMIT_MS 240000

/* Milliseconds of a clock that only goes forward. */
int64_t now_ms(void);
/* A moment, for loops that wait for a condition. */
void pause_briefly(void);
/* Waits until `condition` is so. */
#define UNTIL(condition)                                                                                               \
    do {                                                                                                               \
        const int64_t until_ = now_ms() + LIMIT_MS;                                                                    \
        while (!(condition)) {                                                                                         \
            CHECK(now_ms() < until_ && #condition);                                                                    \
            pause_briefly();                                                                                           \
        }                                                                                                              \
    } while (0)

/* The program's broker, started when it is first asked for; it creates no topics by itself. */
const char *servers(void);
ottla_test_broker_t *broker(void);
void stop_broker(void);
/* A topic of its own for a test; the name lives as long as the program. */
const char *new_topic(int32_t partitions);
/* A name that no other test has, for groups and the like. */
const char *new_name(const char *of);

/* Clients of these options, which are taken over. */
ottla_producer_t *producer_of(ottla_config_t *options);
ottla_consumer_t *consumer_of(ottla_config_t *options);
ottla_admin_t *admin_of(ottla_config_t *options);
#define PRODUCER(...) producer_of(OTTLA_CONFIG("bootstrap.servers", servers(), __VA_ARGS__))
#define CONSUMER(...)                                                                                                  \
    consumer_of(OTTLA_CONFIG("bootstrap.servers", servers(), "auto.offset.reset", "earliest", __VA_ARGS__))

/* Closes and frees, which must succeed. */
void end_producer(ottla_producer_t *producer);
void end_consumer(ottla_consumer_t *consumer);
void end_admin(ottla_admin_t *admin);

/* A record of texts; NULL is null. */
ottla_producer_record_t record_of(const char *topic, const char *key, const char *value);
/* Sends `count` records "0", "1" … to a partition, waiting until they are there. */
void fill(const char *topic, int32_t partition, int count);
/* Polls until there are `count` records, handing each to `seen`. */
void take(ottla_consumer_t *consumer, size_t count, void (*seen)(const ottla_record_t *record, void *data), void *data);
bool is_text(const void *data, size_t len, const char *text);

/* What the process has. */
size_t thread_count(void);
size_t descriptor_count(void);
size_t resident_kib(void);

/* A port of 127.0.0.1 that accepts connections and never answers; ends with the process. */
const char *black_hole(void);
void another_black_hole(char *address, size_t size);
/* A port of 127.0.0.1 that nobody listens on. */
const char *nobody(void);

#ifdef __cplusplus
}
#endif

#endif
