/* Produces orders with keys and headers, and tells what became of each.
 *
 *   produce [host:port]      without an address, to a broker of its own
 */
#include <ottla.h>

#include <stdio.h>
#include <stdlib.h>

enum { ORDERS = 1000 };

/* Ends the program when a call failed; the error says what, where, and what to do. */
static void check(ottla_status_t status, ottla_error_t *error) {
    if (status != OTTLA_OK) {
        fprintf(stderr, "%s\n", ottla_error_text(error));
        ottla_error_free(error);
        exit(1);
    }
}

static void tell(const ottla_report_t *report, void *user_data) {
    size_t *delivered = (size_t *)user_data;
    if (report->error != NULL) {
        fprintf(stderr, "orders %llu and %llu more: %s\n", (unsigned long long)report->first_tag,
                (unsigned long long)report->count - 1, ottla_error_text(report->error));
    } else {
        *delivered += report->count;
    }
}

int main(int argc, char **argv) {
    ottla_error_t *error = NULL;
    ottla_test_broker_t *broker = NULL;
    const char *servers = argc > 1 ? argv[1] : NULL;
    if (servers == NULL) {
        check(ottla_test_broker_start(NULL, 10000, &broker, &error), error);
        servers = ottla_test_broker_bootstrap(broker);
    }

    ottla_producer_t *producer = NULL;
    ottla_config_t *config = OTTLA_CONFIG("bootstrap.servers", servers, "linger.ms", "5", "compression.type", "lz4");
    check(ottla_producer_new(config, &producer, &error), error);
    ottla_config_free(config);

    const ottla_header_t channel = {"channel", OTTLA_NUL_TERMINATED, "web", OTTLA_NUL_TERMINATED};
    size_t delivered = 0;
    for (unsigned i = 1; i <= ORDERS; ++i) {
        char key[32], value[64];
        const int key_len = snprintf(key, sizeof key, "customer-%u", i % 50);
        const int value_len = snprintf(value, sizeof value, "{\"order\":%u}", i);
        const ottla_producer_record_t record = {
            .topic = "orders",
            .key = key,
            .key_len = (size_t)key_len,
            .value = value,
            .value_len = (size_t)value_len,
            .headers = &channel,
            .header_count = 1,
            .tag = i,
        };
        /* Waits while the buffer is full: memory stays within buffer.memory. */
        check(ottla_producer_send(producer, &record, 30000, &error), error);
        if (i % 100 == 0) {
            check(ottla_producer_serve_reports(producer, 0, tell, &delivered, NULL, &error), error);
        }
    }
    check(ottla_producer_flush(producer, 30000, &error), error);
    check(ottla_producer_serve_reports(producer, 0, tell, &delivered, NULL, &error), error);
    check(ottla_producer_close(producer, 30000, &error), error);
    ottla_producer_free(producer);
    printf("%zu of %d orders are in the log\n", delivered, ORDERS);
    ottla_test_broker_free(broker);
    return delivered == ORDERS ? 0 : 1;
}
