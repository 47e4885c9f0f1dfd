#include "crypto/password.h"

#include <argon2.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include "base/memory.h"
#include "base/uuid.h"
#include "crypto/digest.h"
#include "fold.h"
#include "phc.h"

enum { MEMORY = 19456, PASSES = 2, LANES = 1 };

/* A counter and a condition instead of a semaphore, so that the bound can be set. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn = PTHREAD_COND_INITIALIZER;
static unsigned most = 2, under_way;

void password_set_concurrency(unsigned n) {
        pthread_mutex_lock(&lock);
        most = n ? n : 1;
        pthread_cond_broadcast(&turn);
        pthread_mutex_unlock(&lock);
}

static void wait_turn(void) {
        pthread_mutex_lock(&lock);
        while (under_way >= most)
                pthread_cond_wait(&turn, &lock);
        under_way++;
        pthread_mutex_unlock(&lock);
}

static void end_turn(void) {
        pthread_mutex_lock(&lock);
        under_way--;
        pthread_cond_signal(&turn);
        pthread_mutex_unlock(&lock);
}

/* A mapping for each hash: malloc would keep 19 MiB for every thread that ever checked a password. */
static int map_memory(uint8_t **ret_memory, size_t size) {
        void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
        if (p == MAP_FAILED)
                return ARGON2_MEMORY_ALLOCATION_ERROR;
        madvise(p, size, MADV_DONTDUMP);
        *ret_memory = p;
        return ARGON2_OK;
}

static void unmap_memory(uint8_t *memory, size_t size) {
        munmap(memory, size);
}

/* Fills in the hash from the costs and the salt. The library erases its memory before it hands it back. */
static int compute(struct phc *phc, const char *password) {
        /* The library may clear the password it is given; it is told not to, and gets a copy all the same. */
        _cleanup_free_ char *copy = memory_copy_string(password);
        argon2_context context = {
                .out = phc->hash, .outlen = sizeof phc->hash,
                .pwd = (uint8_t *) copy, .pwdlen = (uint32_t) strlen(copy),
                .salt = phc->salt, .saltlen = sizeof phc->salt,
                .t_cost = phc->passes, .m_cost = phc->memory, .lanes = phc->lanes, .threads = 1,
                .version = ARGON2_VERSION_13, .allocate_cbk = map_memory, .free_cbk = unmap_memory,
                .flags = ARGON2_DEFAULT_FLAGS,
        };
        wait_turn();
        int r = argon2id_ctx(&context);
        end_turn();
        memory_erase(copy, strlen(password));
        return r == ARGON2_OK ? 0 : r == ARGON2_MEMORY_ALLOCATION_ERROR ? -ENOMEM : -EINVAL;
}

static bool has_length(const char *password, size_t least) {
        size_t characters;
        return strnlen(password, 4 * PASSWORD_MAX + 1) <= 4 * PASSWORD_MAX && utf8_length(password, &characters) &&
               characters >= least && characters <= PASSWORD_MAX;
}

int password_hash(const char *password, char ret_hash[static PASSWORD_HASH]) {
        struct phc phc = { .memory = MEMORY, .passes = PASSES, .lanes = LANES };
        if (!has_length(password, PASSWORD_MIN))
                return -EINVAL;
        random_bytes(phc.salt, sizeof phc.salt);
        int r = compute(&phc, password);
        if (r == 0)
                phc_write(&phc, ret_hash);
        memory_erase(&phc, sizeof phc);
        return r;
}

int password_verify(const char *hash, const char *password, bool *ret_needs_rehash) {
        /* With no account the same work is done against a hash that no password has: its salt and hash are zeroes. */
        struct phc stored = { .memory = MEMORY, .passes = PASSES, .lanes = LANES };
        int r = hash ? phc_read(hash, &stored) : 0;
        if (r < 0)
                return r;
        /* What could never have been set cannot match, and says so at once whether or not there is an account. */
        if (!has_length(password, 0))
                return 0;

        struct phc computed = stored;
        r = compute(&computed, password);
        if (r < 0)
                return r;
        bool same = digest_equal(computed.hash, stored.hash, sizeof stored.hash) && hash;
        memory_erase(&computed, sizeof computed);
        if (same && ret_needs_rehash)
                *ret_needs_rehash = stored.memory != MEMORY || stored.passes != PASSES || stored.lanes != LANES;
        return same ? 1 : 0;
}
