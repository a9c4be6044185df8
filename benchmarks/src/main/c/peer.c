/*
 * The C side of the ratios: the same work as the Java side, written by hand. Reads one order a line
 * from stdin, answers with nanoseconds per operation on stdout:
 *
 *   ring DESCRIPTORS BATCH ROUNDS     device half of a split ring of 256 entries
 *   hit MAPPINGS ROUNDS               look-up of random pages in a direct-mapped table
 *   miss MAPPINGS                     empty table: look-up, 4-level walk, fill
 *   map ROUNDS                        allocate an IOVA, write a 4-level entry, clear, flush, free
 *   walk ROUNDS ROOT FIRST PAGES FILE VT-d tables in a file of guest memory, page by page, no table
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PAGE_SHIFT 12
#define PAGE (1ull << PAGE_SHIFT)
#define MEMORY (64ull << 20)
#define RING 256
#define SLOTS 32768
#define MAX_LEASES 128
#define CHAINS 64

struct desc { uint64_t addr; uint32_t len; uint16_t flags, next; };
struct used_elem { uint32_t id, len; };
struct avail { uint16_t flags; _Atomic uint16_t idx; uint16_t ring[RING]; uint16_t used_event; };
struct used { uint16_t flags; _Atomic uint16_t idx; struct used_elem ring[RING]; uint16_t avail_event; };
struct iotlb { uint64_t key, offset; };
struct lease { uint64_t first, last; };
struct range { uint64_t offset; uint32_t len; };
struct chain { struct range r[4]; int readable, writable; uint32_t rbytes, wbytes; uint16_t head; };

static uint8_t *memory;
static struct iotlb tlb[SLOTS];
static struct lease leases[MAX_LEASES];
static int lease_count;
static _Atomic uint64_t session_state;
static uint64_t table_root;
static volatile uint64_t sink;

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static uint64_t next_random(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return *s;
}

/* A 4-level table as the hardware of a PC has it: 9 bits a level, read 1, write 2. */
static uint64_t *entry_of(uint64_t iova, int make, uint64_t *bump)
{
    uint64_t table = table_root;
    for (int level = 4; level > 1; level--) {
        uint64_t *e = (uint64_t *)(memory + table) + (iova >> (PAGE_SHIFT + 9 * (level - 1)) & 511);
        if (!(*e & 3)) {
            if (!make)
                return NULL;
            memset(memory + *bump, 0, PAGE);
            *e = *bump | 3;
            *bump += PAGE;
        }
        table = *e & ~(PAGE - 1);
    }
    return (uint64_t *)(memory + table) + (iova >> PAGE_SHIFT & 511);
}

static int walk(uint64_t iova, int need, uint64_t *offset)
{
    uint64_t table = table_root;
    for (int level = 4; level > 0; level--) {
        if (table + PAGE > MEMORY)
            return 0;
        uint64_t e = ((uint64_t *)(memory + table))[iova >> (PAGE_SHIFT + 9 * (level - 1)) & 511];
        if ((e & (uint64_t)need) != (uint64_t)need || e & 0x800)
            return 0;
        table = e & 0xfffffffff000ull;
    }
    if (table + PAGE > MEMORY)
        return 0;
    *offset = table;
    return 1;
}

static void tlb_fill(uint64_t page, uint64_t offset, int perm)
{
    struct iotlb *t = &tlb[page & (SLOTS - 1)];
    t->key = page << 2 | (uint64_t)perm;
    t->offset = offset;
}

static inline int translate(uint64_t iova, uint32_t len, int need, struct range *out, int *count)
{
    uint64_t last = iova + len - 1;
    if (len == 0 || last < iova)
        return 0;
    leases[lease_count].first = iova;
    leases[lease_count++].last = last;
    while (1) {
        uint64_t page = iova >> PAGE_SHIFT;
        struct iotlb *t = &tlb[page & (SLOTS - 1)];
        if (t->key >> 2 != page || !(t->key & (uint64_t)need)) {
            uint64_t offset;
            if (!walk(iova, need, &offset))
                return 0;
            tlb_fill(page, offset, 3);
        }
        uint64_t in_page = iova & (PAGE - 1);
        uint32_t step = len < PAGE - in_page ? len : (uint32_t)(PAGE - in_page);
        out[*count].offset = t->offset + in_page;
        out[*count].len = step;
        (*count)++;
        if (step == len)
            return 1;
        len -= step;
        iova += step;
    }
}

static void map_pages(int pages, uint64_t first_gpa)
{
    uint64_t bump = MEMORY / 2;
    table_root = bump;
    memset(memory + bump, 0, PAGE);
    bump += PAGE;
    for (int i = 0; i < pages; i++)
        *entry_of((uint64_t)i << PAGE_SHIFT, 1, &bump) = (first_gpa + ((uint64_t)i << PAGE_SHIFT) % (MEMORY / 2)) | 3;
}

static double ring(int descriptors, int batch, long rounds)
{
    struct desc *desc = (struct desc *)memory;
    struct avail *avail = (struct avail *)(memory + PAGE);
    struct used *used = (struct used *)(memory + 2 * PAGE);
    static struct chain chains[32];
    uint16_t avail_idx = 0, last_avail = 0, used_idx = 0, tested = 0;
    uint64_t spent = 0, done = 0, batches = 0;
    memset(memory, 0, 4 * PAGE);
    memset(tlb, 0, sizeof tlb);
    map_pages(4096, 0);
    for (long round = 0; round < rounds; round++) {
        for (int c = 0; c < CHAINS; c++) {
            int head = c * descriptors;
            for (int d = 0; d < descriptors; d++) {
                int last = d + 1 == descriptors;
                desc[head + d].addr = 16 * PAGE + ((uint64_t)(head + d) * 512);
                desc[head + d].len = 256;
                desc[head + d].flags = (uint16_t)((last ? 0 : 1) | (last && d > 0 ? 2 : 0));
                desc[head + d].next = (uint16_t)(head + d + 1);
            }
            avail->ring[avail_idx++ & (RING - 1)] = (uint16_t)head;
        }
        atomic_store_explicit(&avail->idx, avail_idx, memory_order_release);
        avail->used_event = (uint16_t)(avail_idx - 1);
        uint64_t start = now();
        for (int taken = 0; taken < CHAINS;) {
            lease_count = 0;
            atomic_store_explicit(&session_state, batches << 2 | 1, memory_order_relaxed);
            atomic_thread_fence(memory_order_seq_cst);
            uint16_t ready = (uint16_t)(atomic_load_explicit(&avail->idx, memory_order_acquire) - last_avail);
            if (ready == 0 || ready > RING)
                abort();
            int n = ready < batch ? ready : batch;
            for (int i = 0; i < n; i++) {
                struct chain *c = &chains[i];
                uint16_t index = avail->ring[(last_avail + i) & (RING - 1)];
                int seen_write = 0, visited = 0;
                if (index >= RING)
                    abort();
                c->head = index;
                c->readable = c->writable = 0;
                c->rbytes = c->wbytes = 0;
                struct range *r = c->r;
                int count = 0;
                while (1) {
                    if (visited++ == RING)
                        abort();
                    struct desc d = desc[index];
                    if (d.flags & 4)
                        abort();
                    int w = d.flags & 2;
                    if (seen_write && !w)
                        abort();
                    seen_write |= w;
                    if (!translate(d.addr, d.len, w ? 2 : 1, r, &count))
                        abort();
                    if (w) {
                        c->wbytes += d.len;
                        c->writable++;
                    } else {
                        c->rbytes += d.len;
                        c->readable++;
                    }
                    if (!(d.flags & 1))
                        break;
                    if (d.next >= RING)
                        abort();
                    index = d.next;
                }
            }
            last_avail = (uint16_t)(last_avail + n);
            atomic_store_explicit(&session_state, batches << 2 | 2, memory_order_release);
            for (int i = 0; i < n; i++) {
                struct chain *c = &chains[i];
                uint32_t value;
                memcpy(&value, memory + c->r[0].offset, sizeof value);
                sink += value;
                if (c->writable)
                    memory[c->r[c->readable].offset] = 1;
            }
            for (int i = 0; i < n; i++) {
                struct used_elem *e = &used->ring[(used_idx + i) & (RING - 1)];
                e->id = chains[i].head;
                e->len = chains[i].writable ? 1 : 0;
            }
            used_idx = (uint16_t)(used_idx + n);
            atomic_store_explicit(&used->idx, used_idx, memory_order_release);
            atomic_thread_fence(memory_order_seq_cst);
            uint16_t event = *(volatile uint16_t *)&avail->used_event;
            if ((uint16_t)(used_idx - event - 1) < (uint16_t)(used_idx - tested))
                sink++;
            tested = used_idx;
            batches++;
            atomic_store_explicit(&session_state, batches << 2, memory_order_release);
            taken += n;
        }
        spent += now() - start;
        done += CHAINS;
    }
    return (double)spent / (double)done;
}

static double hit(int mappings, long rounds)
{
    uint64_t seed = 88172645463325252ull;
    uint32_t *order = malloc(65536 * sizeof *order);
    uint64_t *pages = malloc((size_t)mappings * sizeof *pages);
    struct range r[4];
    memset(tlb, 0, sizeof tlb);
    for (int i = 0; i < mappings; i++) {
        pages[i] = (uint64_t)i << PAGE_SHIFT;
        tlb_fill((uint64_t)i, pages[i] % MEMORY, 3);
    }
    for (int i = 0; i < 65536; i++)
        order[i] = (uint32_t)(next_random(&seed) % (uint64_t)mappings);
    uint64_t start = now();
    for (long round = 0; round < rounds; round++)
        for (int i = 0; i < 65536; i++) {
            int count = 0;
            if ((i & 63) == 0) {
                lease_count = 0;
                atomic_thread_fence(memory_order_seq_cst);
            }
            if (!translate(pages[order[i]], 64, 1, r, &count))
                abort();
            sink += r[0].offset;
        }
    double ns = (double)(now() - start) / ((double)rounds * 65536);
    free(order);
    free(pages);
    return ns;
}

static double miss(int mappings)
{
    struct range r[4];
    map_pages(mappings, 0);
    uint64_t spent = 0;
    int repeat = 1 + 65536 / mappings;
    for (int k = 0; k < repeat; k++) {
        memset(tlb, 0, sizeof tlb);
        uint64_t start = now();
        for (int i = 0; i < mappings; i++) {
            int count = 0;
            if ((i & 63) == 0)
                lease_count = 0;
            if (!translate((uint64_t)i << PAGE_SHIFT, 64, 1, r, &count))
                abort();
            sink += r[0].offset;
        }
        spent += now() - start;
    }
    return (double)spent / ((double)repeat * mappings);
}

static double map(long rounds)
{
    static uint64_t bitmap[16384 / 64];
    uint64_t bump = MEMORY * 3 / 4, cursor = 0;
    map_pages(16384, 0);
    uint64_t start = now();
    for (long round = 0; round < rounds; round++) {
        while (bitmap[cursor >> 6] >> (cursor & 63) & 1)
            cursor = (cursor + 1) & 16383;
        bitmap[cursor >> 6] |= 1ull << (cursor & 63);
        uint64_t iova = cursor << PAGE_SHIFT;
        uint64_t *e = entry_of(iova, 1, &bump);
        *e = (iova % (MEMORY / 2)) | 3;
        *e = 0;
        tlb[cursor & (SLOTS - 1)].key = 0;
        atomic_thread_fence(memory_order_seq_cst);
        if (atomic_load_explicit(&session_state, memory_order_acquire) & 3)
            sink++;
        bitmap[cursor >> 6] &= ~(1ull << (cursor & 63));
        cursor = (cursor + 1) & 16383;
    }
    return (double)(now() - start) / (double)rounds;
}


/* What a walk answers, in space of the caller's. */
struct answer {
    uint64_t iova, gpa, size;
    uint32_t domain;
    uint8_t permission, fault, quiet;
};

/* A VT-d unit with 48-bit addresses: what a walk needs of its registers. */
struct unit {
    const uint8_t *memory;
    uint64_t size, root, address, root_reserved, context_reserved;
    uint64_t table_reserved[6], page_reserved[6];
    uint32_t widths, width, enabled, pass_through;
};

enum { FOUND, ROOT_READ, ROOT_ABSENT, ROOT_RESERVED, CONTEXT_READ, CONTEXT_ABSENT, CONTEXT_RESERVED,
       CONTEXT_INVALID, BEYOND, TABLE_READ, DENIED, ENTRY_RESERVED, INTERRUPTS };

static inline const uint64_t *at(const struct unit *u, uint64_t address, uint64_t length)
{
    return address >= u->size || length > u->size - address ? NULL : (const uint64_t *)(u->memory + address);
}

static inline int end(struct answer *a, int fault, uint64_t quiet)
{
    a->fault = (uint8_t)fault;
    a->quiet = quiet != 0;
    return fault;
}

static inline int interrupts(uint64_t address)
{
    return (address & ~0xfffffull) == 0xfee00000ull;
}

/* Legacy mode: root entry, context entry, as many levels as that says. Not inlined: its callers are many. */
static __attribute__((noinline)) int vtd_walk(const struct unit *u, uint32_t source, uint64_t iova, int write, struct answer *a)
{
    if (!u->enabled)
        return end(a, ROOT_ABSENT, 0);
    if (interrupts(iova))
        return end(a, INTERRUPTS, 0);
    uint64_t address = u->root + (source >> 8) * 16ull;
    const uint64_t *e = at(u, address, 16);
    if (!e)
        return end(a, ROOT_READ, 0);
    uint64_t low = e[0], high = e[1];
    if (!(low & 1))
        return end(a, ROOT_ABSENT, 0);
    if (low & u->root_reserved || high)
        return end(a, ROOT_RESERVED, 0);
    address = (low & u->address) + (source & 0xff) * 16ull;
    e = at(u, address, 16);
    if (!e)
        return end(a, CONTEXT_READ, 0);
    low = e[0];
    high = e[1];
    uint64_t quiet = low & 2;
    uint32_t code = high & 7, type = low >> 2 & 3;
    if (!(low & 1))
        return end(a, CONTEXT_ABSENT, quiet);
    if (low & u->context_reserved || high & 0xffffffffff000080ull)
        return end(a, CONTEXT_RESERVED, quiet);
    if (!(u->widths >> code & 1) || type > u->pass_through)
        return end(a, CONTEXT_INVALID, quiet);
    a->domain = high >> 8 & 0xffff;
    uint64_t output, size;
    uint64_t granted = 3;
    if (type == 2) {
        output = iova & ~0x3fffffffull;
        size = 0x40000000ull;
    } else {
        uint32_t width = 30 + 9 * code;
        uint64_t need = write ? 2 : 1, table = low & u->address;
        if (iova >> (width < u->width ? width : u->width))
            return end(a, BEYOND, quiet);
        for (int level = (int)code + 2;; level--) {
            address = table + (iova >> (PAGE_SHIFT + 9 * (level - 1)) & 511) * 8;
            e = at(u, address, 8);
            if (!e)
                return end(a, TABLE_READ, quiet);
            uint64_t entry = *e;
            int page = level == 1 || (level <= 3 && entry & 0x80);
            if (!(entry & need))
                return end(a, DENIED, quiet);
            if (entry & (page ? u->page_reserved : u->table_reserved)[level])
                return end(a, ENTRY_RESERVED, quiet);
            granted &= entry;
            table = entry & u->address;
            if (page) {
                size = 1ull << (PAGE_SHIFT + 9 * (level - 1));
                output = table;
                break;
            }
        }
    }
    uint64_t whole = output | (iova & (size - 1));
    if (interrupts(whole))
        return end(a, INTERRUPTS, quiet);
    /* The largest extent around it that stays clear of the interrupts. */
    uint64_t clear = 1ull << (63 - __builtin_clzll((whole ^ 0xfee00000ull) & ~0xfffffull));
    if (clear < size)
        size = clear;
    a->iova = iova & -size;
    a->gpa = whole & -size;
    a->size = size;
    a->permission = (uint8_t)granted;
    return end(a, FOUND, 0);
}

static double walk_file(long rounds, uint64_t root, uint64_t first, int pages, const char *path)
{
    uint64_t seed = 88172645463325252ull, host = (1ull << 48) - 1;
    int fd = open(path, O_RDONLY);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) < 0)
        abort();
    struct unit u = { .size = (uint64_t)status.st_size, .root = root, .address = host & ~(PAGE - 1),
                      .root_reserved = 0xffe | ~host, .context_reserved = 0xff0 | ~host,
                      .widths = 6, .width = 48, .enabled = 1, .pass_through = 2 };
    u.memory = mmap(NULL, u.size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
    if (u.memory == MAP_FAILED)
        abort();
    for (int level = 1; level < 6; level++) {
        u.table_reserved[level] = 0x800 | ~(host | 0xbff0000000000000ull) | (level > 3 ? 0x80 : 0);
        u.page_reserved[level] = 0x800 | ((1ull << (PAGE_SHIFT + 9 * (level - 1))) - PAGE) | ~(host | 0xbff0000000000000ull);
    }
    uint64_t *order = malloc((size_t)pages * sizeof *order);
    for (int i = 0; i < pages; i++)
        order[i] = first + ((uint64_t)i << PAGE_SHIFT);
    for (int i = pages - 1; i > 0; i--) {
        int other = (int)(next_random(&seed) % (uint64_t)(i + 1));
        uint64_t page = order[i];
        order[i] = order[other];
        order[other] = page;
    }
    static struct answer a;
    uint64_t sum = 0, start = 0;
    for (long round = -1; round < rounds; round++) {
        if (round == 0)
            start = now();
        for (int i = 0; i < pages; i++) {
            if (vtd_walk(&u, 0, order[i], 0, &a) != FOUND)
                abort();
            sum += a.gpa + (order[i] - a.iova);
        }
    }
    double ns = (double)(now() - start) / ((double)rounds * pages);
    sink += sum;
    free(order);
    munmap((void *)u.memory, u.size);
    close(fd);
    return ns;
}

int main(void)
{
    char line[4096], what[16], path[4000];
    memory = aligned_alloc(PAGE, MEMORY);
    memset(memory, 0, MEMORY);
    while (fgets(line, sizeof line, stdin)) {
        long a = 0, b = 0, c = 0, d = 0;
        if (sscanf(line, "%15s %ld %ld %ld %ld %3999s", what, &a, &b, &c, &d, path) < 1)
            continue;
        double ns = !strcmp(what, "ring") ? ring((int)a, (int)b, c)
                  : !strcmp(what, "hit") ? hit((int)a, b)
                  : !strcmp(what, "miss") ? miss((int)a)
                  : !strcmp(what, "walk") ? walk_file(a, (uint64_t)b, (uint64_t)c, (int)d, path)
                  : map(a);
        printf("%.3f\n", ns);
        fflush(stdout);
    }
    return 0;
}
