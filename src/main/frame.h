/* The frame around every page: what this actor can go to, who is signed in, and when the session ends. */
#ifndef MAIN_FRAME_H
#define MAIN_FRAME_H

#include "http/route.h"

/* For service.frame. */
void frame_complete(struct request *request, json_t *frame);

#endif
