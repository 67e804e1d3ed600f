// SPDX-License-Identifier: GPL-2.0-or-later
/* The relay's grammar: names, and what each command is usually sent with. */
#include <string.h>

#include <linux/netlink.h>
#include <linux/tapi_netlink.h>

#include "fuzz.h"

static const char *const commands[] = {
	[TAPI_NL_CMD_GET_LINE] = "get-line", [TAPI_NL_CMD_NEW_LINE] = "new-line",
	[TAPI_NL_CMD_DEL_LINE] = "del-line", [TAPI_NL_CMD_CHANGE_LINE] = "change-line",
	[TAPI_NL_CMD_PROVIDER_BIND] = "bind", [TAPI_NL_CMD_PROVIDER_UNBIND] = "unbind",
	[TAPI_NL_CMD_PROVIDER_GONE] = "provider-gone", [TAPI_NL_CMD_GRANT] = "grant",
	[TAPI_NL_CMD_GRANT_REVOKE] = "revoke", [TAPI_NL_CMD_INSTANCE_CREATE] = "create",
	[TAPI_NL_CMD_INSTANCE_NEW] = "instance-new", [TAPI_NL_CMD_INSTANCE_CLOSE] = "end",
	[TAPI_NL_CMD_INSTANCE_GONE] = "instance-gone",
	[TAPI_NL_CMD_GET_INSTANCE] = "get-instance", [TAPI_NL_CMD_DATA] = "data",
	[TAPI_NL_CMD_CREDIT] = "credit", [TAPI_NL_CMD_READY] = "ready",
	[TAPI_NL_CMD_CALL_END] = "call-end",
};

static const char *const attributes[] = {
	[TAPI_NL_A_CARD] = "card", [TAPI_NL_A_LINE] = "line", [TAPI_NL_A_GUID] = "guid",
	[TAPI_NL_A_NAME] = "name", [TAPI_NL_A_TYPE] = "type", [TAPI_NL_A_CAPS] = "caps",
	[TAPI_NL_A_SND_CARD] = "snd-card", [TAPI_NL_A_SND_DEVICE] = "snd-device",
	[TAPI_NL_A_BOUND] = "bound", [TAPI_NL_A_LINE_FD] = "fd", [TAPI_NL_A_ADDRESS] = "address",
	[TAPI_NL_A_UID] = "uid", [TAPI_NL_A_PID] = "pid", [TAPI_NL_A_COOKIE] = "cookie",
	[TAPI_NL_A_GRANT] = "grant", [TAPI_NL_A_EXPIRES_MS] = "expires",
	[TAPI_NL_A_INSTANCE] = "instance", [TAPI_NL_A_CALL] = "call", [TAPI_NL_A_SEQ] = "seq",
	[TAPI_NL_A_FLAGS] = "flags", [TAPI_NL_A_DATA] = "data", [TAPI_NL_A_CONSUMED] = "consumed",
	[TAPI_NL_A_WINDOW] = "window", [TAPI_NL_A_REASON] = "reason",
	[TAPI_NL_A_REFUSED] = "refused", [TAPI_NL_A_ERRNO] = "errno", [TAPI_NL_A_PAD] = "pad",
	[TAPI_NL_A_ROLE] = "role", [TAPI_NL_A_SENT] = "sent", [TAPI_NL_A_RECEIVED] = "received",
};

#define COUNT(table)	(sizeof(table) / sizeof((table)[0]))

/* The name, NULL when there is none */
const char *command_name(uint64_t number)
{
	return number < COUNT(commands) ? commands[number] : NULL;
}

const char *attribute_name(unsigned int type)
{
	return type < COUNT(attributes) ? attributes[type] : NULL;
}

static bool find(const char *const *table, size_t count, const char *name, size_t len,
		 uint64_t *number)
{
	for (*number = 0; *number < count; ++*number)
		if (table[*number] && strlen(table[*number]) == len &&
		    !memcmp(table[*number], name, len))
			return true;
	return false;
}

bool command_number(const char *name, size_t len, uint64_t *number)
{
	return find(commands, COUNT(commands), name, len, number);
}

bool attribute_number(const char *name, size_t len, uint64_t *number)
{
	return find(attributes, COUNT(attributes), name, len, number);
}

/* Which attributes a command has, a letter each; a dot before one that is often left out */
static const struct { uint8_t command, weight; const char *has; } usual[] = {
	{ TAPI_NL_CMD_GET_LINE, 3, "L" }, { TAPI_NL_CMD_GET_LINE, 1, "*" },
	{ TAPI_NL_CMD_PROVIDER_BIND, 6, "F" }, { TAPI_NL_CMD_PROVIDER_BIND, 5, "GN" },
	{ TAPI_NL_CMD_PROVIDER_UNBIND, 2, "L" }, { TAPI_NL_CMD_GRANT, 10, "LA.u.p" },
	{ TAPI_NL_CMD_GRANT_REVOKE, 2, "Lg" }, { TAPI_NL_CMD_INSTANCE_CREATE, 12, "c" },
	{ TAPI_NL_CMD_INSTANCE_CLOSE, 3, "i" }, { TAPI_NL_CMD_GET_INSTANCE, 2, "*" },
	{ TAPI_NL_CMD_DATA, 16, "iD.C.s.f.k" }, { TAPI_NL_CMD_DATA, 5, "0LD.C.f" },
	{ TAPI_NL_CMD_CREDIT, 5, "ik" }, { TAPI_NL_CMD_CALL_END, 3, "iC" },
	{ TAPI_NL_CMD_CALL_END, 1, "0LC" },
};

static void add(struct call *call, unsigned int type, char ref, uint64_t value)
{
	if (call->nargs < MAX_ARGS)
		call->arg[call->nargs++] = (struct arg){
			.type = (uint16_t)type, .ref = ref, .value = value, .len = -1,
		};
}

static void add_line(struct call *call)
{
	if (random_below(2)) {
		add(call, TAPI_NL_A_GUID, 0, random_below(3));
	} else {
		add(call, TAPI_NL_A_CARD, 'k', random_below(CARDS));
		add(call, TAPI_NL_A_LINE, 0, random_below(LINES));
	}
}

static void add_data(struct call *call)
{
	static const uint16_t sizes[] = { 0, 1, 100, 4096, TAPI_NL_DATA_MAX, TAPI_NL_DATA_MAX + 1 };

	add(call, TAPI_NL_A_DATA, 0, sizes[random_below(COUNT(sizes))]);
}

static void add_letter(struct call *call, char letter)
{
	switch (letter) {
	case 'L': add_line(call); break;
	case 'D': add_data(call); break;
	case 'F': add(call, TAPI_NL_A_LINE_FD, 'f', random_below(SLOTS)); break;
	case 'G': add(call, TAPI_NL_A_GUID, 0, random_below(3)); break;
	case 'N': add(call, TAPI_NL_A_NAME, 0, 1 + random_below(TAPI_NL_NAME_LEN)); break;
	case 'A': add(call, TAPI_NL_A_ADDRESS, 0, random_below(4)); break;
	case 'u': add(call, TAPI_NL_A_UID, 0, 65534 * random_below(2)); break;
	case 'p': add(call, TAPI_NL_A_PID, 'p', 0); break;
	case 'g': add(call, TAPI_NL_A_GRANT, 'g', random_below(SLOTS)); break;
	case 'c': add(call, TAPI_NL_A_COOKIE, 'c', random_below(SLOTS)); break;
	case 'i': add(call, TAPI_NL_A_INSTANCE, 'i', random_below(SLOTS)); break;
	case '0': add(call, TAPI_NL_A_INSTANCE, 0, 0); break;
	case 'C': add(call, TAPI_NL_A_CALL, 0, random_below(70)); break;
	case 's': add(call, TAPI_NL_A_SEQ, 0, 1 + random_below(3)); break;
	case 'f': add(call, TAPI_NL_A_FLAGS, 0, random_below(3)); break;
	case 'k': add(call, TAPI_NL_A_CONSUMED, 's', random_below(SLOTS)); break;
	case '*': call->arg[2].value |= NLM_F_DUMP; break;
	}
}

/* What breaks the rules: one attribute more, less, twice, or too long */
static void misshape(struct call *call)
{
	struct arg *last = &call->arg[call->nargs - 1];

	switch (random_below(5)) {
	case 0:
		add(call, random_below(TAPI_NL_A_MAX + 3), 0, random_below(4));
		break;
	case 1:
		if (call->nargs > SEND_ARGS)
			call->nargs--;
		break;
	case 2:
		if (call->nargs > SEND_ARGS && call->nargs < MAX_ARGS)
			call->arg[call->nargs++] = *last;
		break;
	case 3:
		if (call->nargs > SEND_ARGS)
			last->len = (int32_t)random_below(40);
		break;
	case 4:
		call->arg[3].value = random_below(24);
		break;
	}
}

/* A message: most are good; now and then an answer is not read */
void message_make(struct call *call)
{
	unsigned int total = 0, at, i;

	for (i = 0; i < COUNT(usual); i++)
		total += usual[i].weight;
	at = random_below(total);
	for (i = 0; at >= usual[i].weight; i++)
		at -= usual[i].weight;
	call->arg[0].value = random_below(SLOTS);
	call->arg[1].value = usual[i].command;
	call->arg[2].value = random_below(8) ? NLM_F_ACK : random_below(2);
	call->nargs = SEND_ARGS;
	for (const char *has = usual[i].has; *has; has++) {
		if (*has != '.')
			add_letter(call, *has);
		else if (random_below(3))
			has++;
	}
	if (!random_below(10))
		misshape(call);
}

void message_mutate(struct call *call)
{
	struct arg *arg;

	if (call->nargs == SEND_ARGS || random_below(3) == 0) {
		misshape(call);
		return;
	}
	arg = &call->arg[SEND_ARGS + random_below(call->nargs - SEND_ARGS)];
	switch (random_below(3)) {
	case 0:
		arg->value = random_below(SLOTS);
		break;
	case 1:
		arg->value = arg->value + random_below(3) - 1;
		break;
	case 2:
		arg->ref = 0;
		arg->value = 1ULL << random_below(64);
		break;
	}
}
