#include "aead.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/uuid.h"

static EVP_CIPHER *aes;

__attribute__((constructor)) static void fetch_aes(void) {
        /* Once, because looking an algorithm up costs more than encrypting a sentence. */
        aes = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
        if (!aes)
                abort();
}

static EVP_CIPHER_CTX *context_new(void) {
        EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
        if (!context)
                abort();
        return context;
}

/* Cleanses the key schedule too. */
static void context_free(EVP_CIPHER_CTX **context) {
        EVP_CIPHER_CTX_free(*context);
}

void aead_seal(const unsigned char key[static AEAD_KEY], const char *aad, size_t aad_size, const void *plain,
               size_t size, unsigned char *ret_sealed) {
        _cleanup_(context_free) EVP_CIPHER_CTX *context = context_new();
        unsigned char *nonce = ret_sealed, *text = nonce + AEAD_NONCE, *tag = text + size;
        int n;

        random_bytes(nonce, AEAD_NONCE);
        bool done = EVP_EncryptInit_ex2(context, aes, key, nonce, NULL) == 1 &&
                    EVP_EncryptUpdate(context, NULL, &n, (const unsigned char *) aad, (int) aad_size) == 1 &&
                    (size == 0 || EVP_EncryptUpdate(context, text, &n, plain, (int) size) == 1) &&
                    EVP_EncryptFinal_ex(context, tag, &n) == 1 &&
                    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG, tag) == 1;
        /* Only a lack of memory or a broken provider comes here, and neither may end in plain text being stored. */
        if (!done)
                abort();
}

int aead_open(const unsigned char key[static AEAD_KEY], const char *aad, size_t aad_size, const unsigned char *sealed,
              size_t size, unsigned char *ret_plain) {
        if (size < AEAD_OVERHEAD)
                return -EBADMSG;
        _cleanup_(context_free) EVP_CIPHER_CTX *context = context_new();
        size_t length = size - AEAD_OVERHEAD;
        unsigned char tag[AEAD_TAG], none[1];
        int n;

        memcpy(tag, sealed + AEAD_NONCE + length, sizeof tag);
        bool done = EVP_DecryptInit_ex2(context, aes, key, sealed, NULL) == 1 &&
                    EVP_DecryptUpdate(context, NULL, &n, (const unsigned char *) aad, (int) aad_size) == 1 &&
                    (length == 0 ||
                     EVP_DecryptUpdate(context, ret_plain, &n, sealed + AEAD_NONCE, (int) length) == 1) &&
                    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG, tag) == 1 &&
                    EVP_DecryptFinal_ex(context, none, &n) == 1;
        return done ? 0 : -EBADMSG;
}
