/*
 * The device half of a split ring, written by hand: pop, walk, translate with bounds checks through a
 * direct-mapped table of pages, touch, push. 256 entries, event index. The same checks, the same
 * ranges and the same batch protocol (a state that others can wait for, a flag that revokes) as the
 * side that it is compared with. The driver's half is not timed.
 *
 * Input: DESCRIPTORS BATCH CHAINS. Output: nanoseconds per chain of the device half.
 */
#include "peer.h"
#include <stdatomic.h>

#define ENTRIES 256u
#define CHAINS 64u
#define MEMORY (4ull << 20)
#define TLB 1024u
#define READ 1u
#define WRITE 2u
#define F_NEXT 1u
#define F_WRITE 2u
#define F_INDIRECT 4u
#define MAX_ELEMENTS 1024u
#define MAX_RANGES 64u
#define IOVA_BASE 0x100000000ull

struct desc {
    uint64_t addr;
    uint64_t rest; /* length 31:0, flags 47:32, next 63:48 */
};

struct avail {
    uint16_t flags;
    _Atomic uint16_t idx;
    uint16_t ring[ENTRIES];
    _Atomic uint16_t used_event;
};

struct used_elem {
    uint32_t id;
    uint32_t len;
};

struct used {
    uint16_t flags;
    _Atomic uint16_t idx;
    struct used_elem ring[ENTRIES];
    _Atomic uint16_t avail_event;
};

struct ranges {
    uint64_t offset[MAX_RANGES];
    uint64_t length[MAX_RANGES];
    unsigned count;
};

struct chain {
    uint32_t head;
    uint32_t written;
    uint64_t readable;
    uint64_t writable;
    struct ranges in;
    struct ranges out;
};

struct tlb_entry {
    uint64_t key; /* page << 2 | permission */
    uint64_t host;
};

static uint8_t *memory;
static struct tlb_entry tlb[TLB];
static struct desc *table;
static struct avail *avail;
static struct used *used;
static uint64_t data_iova;
static struct chain batch[CHAINS];
static _Atomic uint64_t state;
static _Atomic int revoked;
static uint16_t last_avail, used_idx, tested_idx, in_flight;
static volatile uint64_t sink;
static unsigned long interrupts;

static void map_all(void)
{
    for (uint64_t page = 0; page < MEMORY >> PAGE_SHIFT; page++) {
        uint64_t iova = (IOVA_BASE >> PAGE_SHIFT) + page;
        tlb[iova & (TLB - 1)] =
            (struct tlb_entry){iova << 2 | READ | WRITE, page << PAGE_SHIFT};
    }
}

static int translate(uint64_t iova, uint64_t length, unsigned need, struct ranges *out)
{
    uint64_t last = iova + (length - 1);
    if (length == 0 || last < iova)
        return -1;
    unsigned from = out->count;
    while (1) {
        uint64_t page = iova >> PAGE_SHIFT;
        const struct tlb_entry *e = &tlb[page & (TLB - 1)];
        if (e->key >> 2 != page || !(e->key & need))
            return -1;
        uint64_t in_page = iova & PAGE_MASK;
        uint64_t step = PAGE_SIZE - in_page < length ? PAGE_SIZE - in_page : length;
        uint64_t at = e->host + in_page;
        if (at > MEMORY || step > MEMORY - at)
            return -1;
        unsigned n = out->count;
        if (n > from && out->offset[n - 1] + out->length[n - 1] == at) {
            out->length[n - 1] += step;
        } else {
            if (n == MAX_RANGES)
                return -1;
            out->offset[n] = at;
            out->length[n] = step;
            out->count = n + 1;
        }
        length -= step;
        if (length == 0)
            return 0;
        iova += step;
    }
}

static int take(uint32_t head, struct chain *c)
{
    if (head >= ENTRIES)
        return -1;
    c->head = head;
    c->in.count = c->out.count = 0;
    uint64_t readable = 0, writable = 0;
    unsigned visited = 0, elements = 0, index = head;
    int writable_seen = 0;
    while (1) {
        if (visited++ == ENTRIES)
            return -1;
        uint64_t addr = *(volatile uint64_t *)&table[index].addr;
        uint64_t rest = *(volatile uint64_t *)&table[index].rest;
        uint32_t len = (uint32_t)rest;
        unsigned flags = (uint16_t)(rest >> 32);
        if (flags & F_INDIRECT)
            return -1;
        int write = (flags & F_WRITE) != 0;
        if (writable_seen && !write)
            return -1;
        writable_seen = write;
        if (elements++ == MAX_ELEMENTS || readable + writable + len > 0xffffffffull)
            return -1;
        if (len != 0) {
            if (translate(addr, len, write ? WRITE : READ, write ? &c->out : &c->in))
                return -1;
            if (write)
                writable += len;
            else
                readable += len;
        }
        if (!(flags & F_NEXT))
            break;
        index = (unsigned)(rest >> 48);
        if (index >= ENTRIES)
            return -1;
    }
    c->readable = readable;
    c->writable = writable;
    return 0;
}

static void touch(struct chain *c)
{
    if (c->readable >= 4) {
        uint32_t value;
        memcpy(&value, memory + c->in.offset[0], sizeof value);
        sink += value;
    }
    if (c->writable) {
        unsigned last = c->out.count - 1;
        memory[c->out.offset[last] + c->out.length[last] - 1] = 1;
    }
    c->written = c->writable ? 1 : 0;
}

/* One batch; returns how many chains it served. */
static unsigned device_batch(unsigned capacity)
{
    atomic_store_explicit(&state, state | 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&revoked, memory_order_acquire))
        return 0;
    uint16_t count =
        (uint16_t)(atomic_load_explicit(&avail->idx, memory_order_acquire) - last_avail);
    if (count == 0)
        return 0;
    if (count > ENTRIES - in_flight)
        exit(3);
    if (count > capacity)
        count = (uint16_t)capacity;
    for (unsigned i = 0; i < count; i++) {
        uint16_t head = *(volatile uint16_t *)&avail->ring[(last_avail + i) & (ENTRIES - 1)];
        if (take(head, &batch[i]))
            exit(3);
    }
    last_avail += count;
    in_flight += count;
    atomic_store_explicit(&state, state | 2, memory_order_release);
    for (unsigned i = 0; i < count; i++)
        touch(&batch[i]);
    for (unsigned i = 0; i < count; i++)
        used->ring[(used_idx + i) & (ENTRIES - 1)] =
            (struct used_elem){batch[i].head, batch[i].written};
    used_idx += count;
    in_flight -= count;
    atomic_store_explicit(&used->idx, used_idx, memory_order_release);
    atomic_thread_fence(memory_order_seq_cst);
    uint16_t event = atomic_load_explicit(&avail->used_event, memory_order_relaxed);
    if ((uint16_t)(used_idx - event - 1) < (uint16_t)(used_idx - tested_idx))
        interrupts++;
    tested_idx = used_idx;
    atomic_store_explicit(&state, ((state >> 2) + 1) << 2, memory_order_release);
    return count;
}

static struct desc make(uint64_t addr, uint64_t length, uint64_t flags, unsigned next)
{
    return (struct desc){addr, length | flags << 32 | (uint64_t)next << 48};
}

/* Chain k has a page of its own: header, data, status, as a block request. */
static void lay(unsigned k, unsigned descriptors)
{
    uint64_t page = data_iova + k * PAGE_SIZE;
    unsigned at = k * 4;
    if (descriptors > 1) {
        table[at] = make(page, 16, F_NEXT, at + 1);
        at++;
    }
    if (descriptors > 2) {
        table[at] = make(page + 512, 1024, F_WRITE | F_NEXT, at + 1);
        at++;
    }
    table[at] = make(page + 2048, 1, F_WRITE, 0);
}

static double round_of(long descriptors, long capacity, long chains)
{
    uint64_t spent = 0;
    long done = 0;
    for (unsigned k = 0; k < CHAINS; k++)
        lay(k, (unsigned)descriptors);
    while (done < chains) {
        uint16_t idx = atomic_load_explicit(&avail->idx, memory_order_relaxed);
        for (unsigned k = 0; k < CHAINS; k++) {
            lay(k, (unsigned)descriptors);
            avail->ring[(idx + k) & (ENTRIES - 1)] = (uint16_t)(k * 4);
        }
        atomic_store_explicit(&avail->idx, (uint16_t)(idx + CHAINS), memory_order_release);
        uint64_t start = now_ns();
        for (unsigned left = CHAINS; left > 0;)
            left -= device_batch((unsigned)capacity);
        spent += now_ns() - start;
        done += CHAINS;
        if (atomic_load_explicit(&used->idx, memory_order_acquire) != (uint16_t)(idx + CHAINS))
            exit(3);
    }
    return (double)spent / (double)done;
}

int main(void)
{
    memory = must(aligned_alloc(PAGE_SIZE, MEMORY));
    memset(memory, 0, MEMORY);
    table = (struct desc *)memory;
    avail = (struct avail *)(memory + 2 * PAGE_SIZE);
    used = (struct used *)(memory + 3 * PAGE_SIZE);
    data_iova = IOVA_BASE + 16 * PAGE_SIZE;
    map_all();
    return serve(round_of);
}
