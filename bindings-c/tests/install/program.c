/* Sends a record to a broker of its own: enough to need all of the library. */
#include <ottla.h>

#include <stdio.h>
#include <string.h>

int main(void) {
    ottla_error_t *error = NULL;
    ottla_test_broker_t *broker = NULL;
    ottla_producer_t *producer = NULL;
    ottla_config_t *config = NULL;
    ottla_producer_record_t record;
    ottla_status_t status;
    memset(&record, 0, sizeof record);
    record.topic = "orders";
    status = ottla_test_broker_start(NULL, 60000, &broker, &error);
    if (status == OTTLA_OK) {
        config = OTTLA_CONFIG("bootstrap.servers", ottla_test_broker_bootstrap(broker));
        status = ottla_producer_new(config, &producer, &error);
    }
    if (status == OTTLA_OK) {
        status = ottla_producer_send(producer, &record, 60000, &error);
    }
    if (status == OTTLA_OK) {
        status = ottla_producer_close(producer, 60000, &error);
    }
    printf("%s\n", ottla_error_text(error));
    ottla_error_free(error);
    ottla_producer_free(producer);
    ottla_config_free(config);
    ottla_test_broker_free(broker);
    return status == OTTLA_OK ? 0 : 1;
}
