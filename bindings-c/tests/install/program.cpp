// Sends a record to a broker of its own: enough to need all of the library.
#include <ottla.hpp>

#include <iostream>

int main() {
    try {
        const ottla::TestBroker broker;
        ottla::Producer producer({{"bootstrap.servers", broker.bootstrap()}});
        producer.send("orders", "x");
        producer.close();
    } catch (const ottla::Error &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return 0;
}
