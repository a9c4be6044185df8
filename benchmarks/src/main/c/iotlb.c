/*
 * Look-ups of random 4 KiB pages, written by hand: a direct-mapped table, open addressing, and the
 * four-level walk and fill behind a miss. Each look-up is checked against the size of memory and
 * appended to a range list, as a translation for a device is.
 *
 * Input: SHAPE MAPPINGS LOOKUPS, where SHAPE is 0 direct-mapped, 1 open addressing, 2 a miss in open
 * addressing with a walk and a fill. Output: nanoseconds per look-up.
 */
#include "peer.h"

#define MEMORY (1ull << 30)
#define MOST_MAPPINGS 16384u
#define SLOTS 65536u
#define PROBE 8u
#define SEQUENCE 16384u
#define BATCH 32u
#define BASE_PAGE 0x100000ull
#define LEVEL_BITS 9
#define ENTRIES 512u
#define TABLES 256u

struct entry {
    uint64_t key; /* page << 2 | permission */
    uint64_t host;
};

static struct entry direct[SLOTS];
static struct entry open_table[SLOTS + PROBE];
static uint64_t tables[TABLES][ENTRIES];
static unsigned tables_used = 1;
static uint32_t sequence[SEQUENCE];
static uint64_t range_offset[BATCH], range_length[BATCH];
static volatile uint64_t sink;

static inline unsigned home(uint64_t page)
{
    return (unsigned)((page * 0x9e3779b97f4a7c15ull) >> 48);
}

static uint64_t host_of(unsigned mapping)
{
    return ((uint64_t)(mapping * 5u) & (MOST_MAPPINGS - 1)) << PAGE_SHIFT;
}

static void map(unsigned mapping)
{
    uint64_t page = BASE_PAGE + mapping;
    uint64_t *level = tables[0];
    for (int shift = 3 * LEVEL_BITS; shift > 0; shift -= LEVEL_BITS) {
        uint64_t *e = &level[(page >> shift) & (ENTRIES - 1)];
        if (!*e) {
            if (tables_used == TABLES)
                exit(3);
            *e = (uint64_t)tables_used++ << PAGE_SHIFT | 3;
        }
        level = tables[*e >> PAGE_SHIFT];
    }
    level[page & (ENTRIES - 1)] = host_of(mapping) | 3;
}

static uint64_t walk(uint64_t page, unsigned need)
{
    const uint64_t *level = tables[0];
    if (page >> (4 * LEVEL_BITS))
        return (uint64_t)-1;
    for (int shift = 3 * LEVEL_BITS;; shift -= LEVEL_BITS) {
        uint64_t e = level[(page >> shift) & (ENTRIES - 1)];
        if (!(e & need))
            return (uint64_t)-1;
        if (shift == 0)
            return e & ~PAGE_MASK;
        if (e >> PAGE_SHIFT >= TABLES)
            return (uint64_t)-1;
        level = tables[e >> PAGE_SHIFT];
    }
}

static void fill(uint64_t page, uint64_t host)
{
    unsigned at = home(page), end = at + PROBE;
    while (at < end && open_table[at].key && open_table[at].key >> 2 != page)
        at++;
    if (at == end)
        at = end - PROBE;
    open_table[at] = (struct entry){page << 2 | 3, host};
}

static inline uint64_t find_direct(uint64_t page, unsigned need)
{
    const struct entry *e = &direct[page & (SLOTS - 1)];
    return e->key >> 2 == page && (e->key & need) ? e->host : (uint64_t)-1;
}

static inline uint64_t find_open(uint64_t page, unsigned need)
{
    unsigned at = home(page);
    for (unsigned end = at + PROBE; at < end; at++) {
        if (open_table[at].key >> 2 == page && (open_table[at].key & need))
            return open_table[at].host;
        if (!open_table[at].key)
            break;
    }
    return (uint64_t)-1;
}

static inline void use(unsigned slot, uint64_t host, uint64_t in_page, uint64_t length)
{
    uint64_t at = host + in_page;
    if (host == (uint64_t)-1 || at > MEMORY || length > MEMORY - at)
        exit(3);
    range_offset[slot] = at;
    range_length[slot] = length;
}

static double round_of(long shape, long mappings, long lookups)
{
    memset(open_table, 0, sizeof open_table);
    memset(direct, 0, sizeof direct);
    for (unsigned i = 0; i < mappings; i++) {
        uint64_t page = BASE_PAGE + i;
        direct[page & (SLOTS - 1)] = (struct entry){page << 2 | 3, host_of(i)};
        if (shape == 1)
            fill(page, host_of(i));
    }
    uint64_t random = 42;
    for (unsigned i = 0; i < SEQUENCE; i++)
        sequence[i] = next_random(&random) % (uint32_t)mappings;
    if (shape == 2)
        lookups = mappings;
    uint64_t start = now_ns();
    for (long i = 0; i < lookups; i++) {
        unsigned slot = (unsigned)i & (BATCH - 1);
        if (shape == 2) {
            uint64_t page = BASE_PAGE + (uint64_t)i;
            uint64_t host = find_open(page, 1);
            if (host == (uint64_t)-1) {
                host = walk(page, 1);
                if (host == (uint64_t)-1)
                    exit(3);
                fill(page, host);
            }
            use(slot, host, 64, 64);
            continue;
        }
        uint64_t page = BASE_PAGE + sequence[i & (SEQUENCE - 1)];
        use(slot, shape == 0 ? find_direct(page, 1) : find_open(page, 1), 64, 64);
    }
    uint64_t spent = now_ns() - start;
    sink += range_offset[0] + range_length[BATCH - 1];
    return (double)spent / (double)lookups;
}

int main(void)
{
    for (unsigned i = 0; i < MOST_MAPPINGS; i++)
        map(i);
    return serve(round_of);
}
