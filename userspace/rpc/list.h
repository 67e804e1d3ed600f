/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Doubly linked lists with the links inside the members. */
#ifndef TAPI_LIST_H
#define TAPI_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *prev, *next;
};

#define list_entry(at, type, member) ((type *)((char *)(at) - offsetof(type, member)))

/* Walks a list; the current entry may be removed inside */
#define list_for_each(at, head)							\
	for (struct list *at = (head)->next, *at##_next = at->next; at != (head);	\
	     at = at##_next, at##_next = at->next)

static inline void list_init(struct list *head)
{
	head->prev = head;
	head->next = head;
}

static inline bool list_empty(const struct list *head)
{
	return head->next == head;
}

/* At the end */
static inline void list_append(struct list *head, struct list *node)
{
	node->prev = head->prev;
	node->next = head;
	head->prev->next = node;
	head->prev = node;
}

/* May be called twice */
static inline void list_remove(struct list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	list_init(node);
}

#endif /* TAPI_LIST_H */
