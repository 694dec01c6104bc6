/* Forks and signals. */
#include "support/broker.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs `child` in a forked process, which must end well by itself. */
static void in_child(void (*child)(void *data), void *data) {
    fflush(stdout);
    const pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        alarm(LIMIT_MS / 1000);
        child(data);
        _exit(0);
    }
    int status = 0;
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

typedef struct inherited_t {
    const char *servers, *topic;
    ottla_producer_t *producer;
    ottla_consumer_t *consumer, *looping;
    ottla_admin_t *admin;
    ottla_delivery_t *delivery;
} inherited_t;

static void use_inherited(void *data) {
    inherited_t *own = (inherited_t *)data;
    ottla_producer_record_t record = record_of(own->topic, NULL, "child");
    ottla_reports_t *reports = NULL;
    ottla_records_t *records = NULL;
    const ottla_record_t *next = NULL;
    FAILS(OTTLA_FORKED, "new client in the forked process",
          ottla_producer_send(own->producer, &record, LIMIT_MS, &error));
    FAILS(OTTLA_FORKED, "forked", ottla_producer_flush(own->producer, LIMIT_MS, &error));
    FAILS(OTTLA_FORKED, "forked", ottla_producer_poll_reports(own->producer, LIMIT_MS, &reports, &error));
    FAILS(OTTLA_FORKED, "forked", ottla_producer_close(own->producer, LIMIT_MS, &error));
    FAILS(OTTLA_FORKED, "forked", ottla_delivery_wait(own->delivery, LIMIT_MS, NULL, &error));
    FAILS(OTTLA_FORKED, "forked", ottla_consumer_poll(own->consumer, LIMIT_MS, 0, &records, &error));
    FAILS(OTTLA_FORKED, "forked", ottla_consumer_poll(own->looping, LIMIT_MS, 0, &records, &error));
    FAILS(OTTLA_FORKED, "forked", ottla_consumer_next(own->consumer, LIMIT_MS, &next, &error));
    FAILS(OTTLA_FORKED, "forked", ottla_consumer_wakeup(own->consumer, &error));
    FAILS(OTTLA_FORKED, "forked", ottla_consumer_close(own->consumer, LIMIT_MS, &error));
    FAILS(OTTLA_FORKED, "forked", ottla_admin_close(own->admin, LIMIT_MS, &error));
    FAILS(OTTLA_FORKED, "forked",
          ottla_test_broker_create_topic(broker(), "child", 1, NULL, LIMIT_MS, &error));
    /* A client of the child's own works. */
    ottla_producer_t *producer =
        producer_of(OTTLA_CONFIG("bootstrap.servers", own->servers, "linger.ms", "0"));
    OK(ottla_producer_send(producer, &record, LIMIT_MS, &error));
    end_producer(producer);
    /* Freeing what is the parent's frees nothing of the parent's. */
    ottla_delivery_free(own->delivery);
    ottla_producer_free(own->producer);
    ottla_consumer_free(own->consumer);
    ottla_consumer_free(own->looping);
    ottla_admin_free(own->admin);
}

static void a_forked_child_is_told_and_the_parent_goes_on(void) {
    inherited_t own;
    memset(&own, 0, sizeof own);
    own.topic = new_topic(1);
    own.servers = servers();
    own.producer = PRODUCER("linger.ms", "60000");
    own.consumer = CONSUMER("client.id", "parent");
    own.looping = CONSUMER("client.id", "loop");
    own.admin = admin_of(OTTLA_CONFIG("bootstrap.servers", servers()));
    const ottla_topic_partition_t partition = {own.topic, 0};
    OK(ottla_consumer_assign(own.consumer, &partition, 1, &error));
    OK(ottla_consumer_assign(own.looping, &partition, 1, &error));
    int fd = -1;
    OK(ottla_consumer_event_fd(own.looping, &fd, &error));
    ottla_records_t *none = NULL;
    OK(ottla_consumer_poll(own.looping, 0, 0, &none, &error));
    ottla_records_free(none);
    ottla_producer_record_t record = record_of(own.topic, NULL, "parent");
    OK(ottla_producer_send_tracked(own.producer, &record, LIMIT_MS, &own.delivery, &error));
    in_child(use_inherited, &own);
    /* What was buffered before the fork is sent once; the child's own record is there, too. */
    OK(ottla_producer_flush(own.producer, LIMIT_MS, &error));
    OK(ottla_delivery_wait(own.delivery, LIMIT_MS, NULL, &error));
    take(own.consumer, 2, NULL, NULL);
    take(own.looping, 2, NULL, NULL);
    ottla_records_t *records = NULL;
    OK(ottla_consumer_poll(own.consumer, 0, 0, &records, &error));
    CHECK(ottla_records_count(records) == 0);
    ottla_records_free(records);
    ottla_delivery_free(own.delivery);
    end_producer(own.producer);
    end_consumer(own.consumer);
    end_consumer(own.looping);
    end_admin(own.admin);
}

static volatile sig_atomic_t interrupted = 0;

static void on_interrupt(int signal) {
    (void)signal;
    interrupted = 1;
}

/* A program's loop, in a process of its own: tells by the pipe that it polls. */
static void poll_until_interrupted(const char *address, int ready, bool handles) {
    if (handles) {
        struct sigaction action;
        memset(&action, 0, sizeof action);
        action.sa_handler = on_interrupt;
        CHECK(sigaction(SIGINT, &action, NULL) == 0);
    }
    const ottla_topic_partition_t partition = {"orders", 0};
    ottla_consumer_t *consumer =
        consumer_of(OTTLA_CONFIG("bootstrap.servers", address, "client.id", "interrupted"));
    OK(ottla_consumer_assign(consumer, &partition, 1, &error));
    CHECK(write(ready, "r", 1) == 1);
    while (!interrupted) {
        ottla_records_t *records = NULL;
        OK(ottla_consumer_poll(consumer, handles ? 100 : LIMIT_MS, 0, &records, &error));
        ottla_records_free(records);
    }
    end_consumer(consumer);
}

static void an_interrupt_ends_a_program_that_polls(void) {
    /* The broker belongs to this process; children reach it as any client does. */
    OK(ottla_test_broker_create_topic(broker(), "orders", 1, NULL, LIMIT_MS, &error));
    const char *address = servers();
    for (int i = 0; i < 2; ++i) {
        const bool handles = i == 1;
        int ends[2];
        char byte = 0;
        CHECK(pipe(ends) == 0);
        fflush(stdout);
        const pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0) {
            alarm(LIMIT_MS / 1000);
            poll_until_interrupted(address, ends[1], handles);
            _exit(0);
        }
        CHECK(read(ends[0], &byte, 1) == 1);
        const int64_t started = now_ms();
        CHECK(kill(pid, SIGINT) == 0);
        int status = 0;
        CHECK(waitpid(pid, &status, 0) == pid);
        CHECK(now_ms() - started < LIMIT_MS / 6);
        CHECK(handles ? WIFEXITED(status) && WEXITSTATUS(status) == 0
                      : WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
        close(ends[0]);
        close(ends[1]);
    }
}

/* A program in C does not ignore SIGPIPE: threads that write to connections must not get it. */
static void a_connection_that_the_broker_closed_ends_no_program(void) {
    fill(new_topic(1), 0, 1);
    size_t threads = 0;
    DIR *tasks = opendir("/proc/self/task");
    CHECK(tasks != NULL);
    for (const struct dirent *task = readdir(tasks); task != NULL; task = readdir(tasks)) {
        char path[320], line[256];
        unsigned long long blocked = 0;
        bool is_ours = false;
        snprintf(path, sizeof path, "/proc/self/task/%s/status", task->d_name);
        FILE *status = fopen(path, "r");
        while (status != NULL && fgets(line, sizeof line, status) != NULL) {
            is_ours = is_ours || strncmp(line, "Name:\tottla\n", 12) == 0;
            if (strncmp(line, "SigBlk:", 7) == 0) {
                blocked = strtoull(line + 7, NULL, 16);
            }
        }
        if (status != NULL) {
            fclose(status);
        }
        if (is_ours) {
            CHECK((blocked >> (SIGPIPE - 1) & 1) == 1);
            ++threads;
        }
    }
    closedir(tasks);
    CHECK(threads > 0);
}

RUN_TESTS(TEST(a_forked_child_is_told_and_the_parent_goes_on), TEST(an_interrupt_ends_a_program_that_polls),
          TEST(a_connection_that_the_broker_closed_ends_no_program))
