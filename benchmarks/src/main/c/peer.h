/*
 * What the C side's programs share: a loop that answers one line of numbers with one number, so that
 * rounds of both sides can alternate, and a clock.
 */
#ifndef APERTURE_PEER_H
#define APERTURE_PEER_H

#define _POSIX_C_SOURCE 200809L

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE (1ull << PAGE_SHIFT)
#define PAGE_MASK (PAGE_SIZE - 1)

static inline uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static inline void *must(void *p)
{
    if (!p) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    return p;
}

/* The pseudo-random numbers that both sides use: same seed, same pages. */
static inline uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(*state >> 33);
}

/* Answers "a b c" with nanoseconds per item until the input ends. */
static inline int serve(double (*round_of)(long a, long b, long c))
{
    char line[128];
    while (fgets(line, sizeof line, stdin)) {
        long a = 0, b = 0, c = 0;
        if (sscanf(line, "%ld %ld %ld", &a, &b, &c) < 1)
            return 2;
        printf("%.4f\n", round_of(a, b, c));
        fflush(stdout);
    }
    return 0;
}

#endif
