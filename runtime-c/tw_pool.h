/* The calls of the thread pool that only the runtime itself makes. */
#ifndef TW_POOL_H
#define TW_POOL_H

#include "tilewright.h"

/* Whether one of so many parts of a layer is too little to be shared. */
int tw_layer_is_small(const tw_layer *layer, int parts);

/* Calls a layer for a part of its grid with the scratch memory of a thread. */
void tw_layer_call(const tw_layer *layer, const tw_frame *frame, int thread, int begin, int end);

/* Whether an inference is under way: until it ends, threads that have woken up stay awake for its next layer. */
void tw_pool_running(tw_pool *pool, int running);

/* Runs the layer's whole grid on all threads of the pool and returns when all are done. */
void tw_pool_run(tw_pool *pool, const tw_layer *layer, const tw_frame *frame);

#endif
