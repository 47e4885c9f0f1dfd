/* Sealing what a body says under the key of a case, as an earlier step of the request gave it. */
#include "base/uuid.h"
#include "crypto/seal.h"
#include "internal.h"

int request_value_sealed(struct request *request, const json_t *key_of, const char *table, const char *column,
                         const char *id, const json_t *plaintext) {
        const char *incident = json_string_value(json_object_get(key_of, "incident"));
        const char *wrapped = json_string_value(json_object_get(key_of, "wrapped"));
        _cleanup_(data_key_erase) struct data_key key = { 0 };
        _cleanup_buffer_ struct buffer sealed = { 0 };
        char row[UUID_TEXT];

        if (!incident || !wrapped
            || seal_data_key_unwrap(request->service->keyring, incident, wrapped, &key) < 0)
                return -1;
        uuid_new(row);
        if (seal_json(&key, table, column, row, plaintext, &sealed) < 0)
                return -1;
        request_value(request, id, arena_string(request->arena, row));
        request_value(request, "sealed", arena_copy(request->arena, sealed.data, sealed.size));
        return 0;
}
