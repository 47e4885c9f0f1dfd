#include "http/peer.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "base/uuid.h"

/* The canonical text of an address, so that equal ones compare equal; an IPv4 address within IPv6 is the IPv4 one. */
static bool canonical(const char *text, size_t size, char ret_address[static PEER_TEXT]) {
        unsigned char bytes[16];
        char copy[PEER_TEXT];
        static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

        while (size > 0 && (*text == ' ' || *text == '\t'))
                text++, size--;
        while (size > 0 && (text[size - 1] == ' ' || text[size - 1] == '\t'))
                size--;
        if (size == 0 || size >= sizeof(copy))
                return false;
        memcpy(copy, text, size);
        copy[size] = '\0';
        if (inet_pton(AF_INET, copy, bytes) == 1)
                return inet_ntop(AF_INET, bytes, ret_address, PEER_TEXT);
        if (inet_pton(AF_INET6, copy, bytes) != 1)
                return false;
        if (memcmp(bytes, mapped, sizeof(mapped)) == 0)
                return inet_ntop(AF_INET, bytes + sizeof(mapped), ret_address, PEER_TEXT);
        return inet_ntop(AF_INET6, bytes, ret_address, PEER_TEXT);
}

int trusted_parse(const char *text, struct trusted *ret_trusted) {
        struct trusted trusted = { .n = 0 };
        for (const char *p = text; *p; p += *p == ',') {
                size_t size = strcspn(p, ",");
                if (trusted.n == PEER_TRUSTED_MAX || !canonical(p, size, trusted.address[trusted.n++]))
                        return -1;
                p += size;
        }
        *ret_trusted = trusted;
        return 0;
}

static bool is_trusted(const struct trusted *trusted, const char *address) {
        for (size_t i = 0; i < trusted->n; i++)
                if (strcmp(trusted->address[i], address) == 0)
                        return true;
        return false;
}

void peer_address(const struct trusted *trusted, const char *socket_address, const char *forwarded, size_t size,
                  char ret_address[static PEER_TEXT]) {
        char next[PEER_TEXT];

        strcpy(ret_address, "local");
        if (socket_address && (!canonical(socket_address, strlen(socket_address), ret_address) ||
                               !is_trusted(trusted, ret_address)))
                return;
        while (forwarded && size > 0) {
                const char *comma = memrchr(forwarded, ',', size);
                const char *entry = comma ? comma + 1 : forwarded;
                if (!canonical(entry, (size_t) (forwarded + size - entry), next))
                        return;
                strcpy(ret_address, next);
                if (!comma || !is_trusted(trusted, next))
                        return;
                size = (size_t) (comma - forwarded);
        }
}

/* A small table of chains under one lock: entered twice a request, for a few nanoseconds. */
enum { CROWD_BUCKETS = 256 };

struct crowd_entry {
        struct crowd_entry *next;
        unsigned n;
        char address[PEER_TEXT];
};

struct crowd {
        pthread_mutex_t lock;
        unsigned most;
        uint64_t seed; /* so that nobody can choose addresses of one chain */
        struct crowd_entry *buckets[CROWD_BUCKETS];
};

struct crowd *crowd_new(unsigned most) {
        struct crowd *crowd = memory_new(1, sizeof(*crowd));
        pthread_mutex_init(&crowd->lock, NULL);
        crowd->most = most;
        random_bytes(&crowd->seed, sizeof(crowd->seed));
        return crowd;
}

void crowd_free(struct crowd *crowd) {
        if (!crowd)
                return;
        for (size_t i = 0; i < CROWD_BUCKETS; i++)
                while (crowd->buckets[i]) {
                        struct crowd_entry *entry = crowd->buckets[i];
                        crowd->buckets[i] = entry->next;
                        free(entry);
                }
        pthread_mutex_destroy(&crowd->lock);
        free(crowd);
}

static struct crowd_entry **find_entry(struct crowd *crowd, const char *address) {
        uint64_t hash = crowd->seed;
        for (const char *p = address; *p; p++)
                hash = (hash ^ (unsigned char) *p) * 0x100000001b3u;
        struct crowd_entry **place = &crowd->buckets[(hash ^ hash >> 32) % CROWD_BUCKETS];
        while (*place && strcmp((*place)->address, address) != 0)
                place = &(*place)->next;
        return place;
}

bool crowd_enter(struct crowd *crowd, const char *address) {
        bool entered = false;
        if (crowd->most == 0)
                return true;
        pthread_mutex_lock(&crowd->lock);
        struct crowd_entry **place = find_entry(crowd, address);
        if (!*place) {
                *place = memory_new(1, sizeof(**place));
                strcpy((*place)->address, address);
        }
        if ((*place)->n < crowd->most) {
                (*place)->n++;
                entered = true;
        }
        pthread_mutex_unlock(&crowd->lock);
        return entered;
}

void crowd_leave(struct crowd *crowd, const char *address) {
        if (crowd->most == 0)
                return;
        pthread_mutex_lock(&crowd->lock);
        struct crowd_entry **place = find_entry(crowd, address), *entry = *place;
        if (entry && --entry->n == 0) {
                *place = entry->next;
                free(entry);
        }
        pthread_mutex_unlock(&crowd->lock);
}
