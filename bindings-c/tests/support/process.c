#include "broker.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static size_t entries_of(const char *folder) {
    size_t count = 0;
    DIR *open = opendir(folder);
    CHECK(open != NULL);
    while (readdir(open) != NULL) {
        ++count;
    }
    closedir(open);
    return count;
}

size_t thread_count(void) { return entries_of("/proc/self/task"); }

size_t descriptor_count(void) { return entries_of("/proc/self/fd"); }

size_t resident_kib(void) {
    char line[256];
    size_t resident = 0;
    FILE *status = fopen("/proc/self/status", "r");
    CHECK(status != NULL);
    while (fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, "VmRSS:", 6) == 0) {
            resident = strtoul(line + 6, NULL, 10);
        }
    }
    fclose(status);
    CHECK(resident > 0);
    return resident;
}

static int bound_socket(char *address, size_t size) {
    struct sockaddr_in place;
    socklen_t len = sizeof place;
    memset(&place, 0, sizeof place);
    place.sin_family = AF_INET;
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(made >= 0);
    CHECK(bind(made, (struct sockaddr *)&place, sizeof place) == 0);
    CHECK(getsockname(made, (struct sockaddr *)&place, &len) == 0);
    snprintf(address, size, "127.0.0.1:%d", ntohs(place.sin_port));
    return made;
}

void another_black_hole(char *address, size_t size) { CHECK(listen(bound_socket(address, size), 64) == 0); }

const char *black_hole(void) {
    static char address[32];
    if (address[0] == '\0') {
        another_black_hole(address, sizeof address);
    }
    return address;
}

const char *nobody(void) {
    /* Bound but not listening: nobody else can get the port, and who connects is refused. */
    static char address[32];
    if (address[0] == '\0') {
        (void)bound_socket(address, sizeof address);
    }
    return address;
}
