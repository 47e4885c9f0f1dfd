/* The frame around every page: what this actor can go to, who is signed in, and when the session ends. */
#ifndef MAIN_FRAME_H
#define MAIN_FRAME_H

#include <stdbool.h>

#include "http/route.h"

/* Before the first request: whether every page says that this is a demonstration, those too that ask the database nothing. */
void frame_begin(bool demonstration);

/* For service.frame. */
void frame_complete(struct request *request, json_t *frame);

#endif
