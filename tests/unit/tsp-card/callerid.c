/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who calls: messages of both standards, whole, damaged, and without a number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <spandsp.h>

#include "sound.h"

#define BLOCK	160

struct heard {
	struct caller caller;
	int count;
};

static void hear(void *data, const struct caller *caller)
{
	struct heard *heard = data;

	heard->caller = *caller;
	heard->count++;
}

/* A message with these fields, and what became of it; @cut loses samples in the middle */
struct message {
	int standard;
	uint8_t type;
	const char *number, *name, *absence;
	int cut;
};

static int build(adsi_tx_state_t *tx, const struct message *m, uint8_t *msg)
{
	int n = adsi_add_field(tx, msg, -1, m->type, NULL, 0);

	if (m->type == CLASS_SDMF_CALLERID) {
		char all[64] = "11250905";

		strcat(all, m->number ? m->number : m->absence);
		return adsi_add_field(tx, msg, n, 0, (const uint8_t *)all, strlen(all));
	}
	n = adsi_add_field(tx, msg, n, MCLASS_DATETIME, (const uint8_t *)"11250905", 8);
	if (m->number)
		n = adsi_add_field(tx, msg, n, MCLASS_CALLER_NUMBER, (const uint8_t *)m->number,
				   strlen(m->number));
	if (m->absence)
		n = adsi_add_field(tx, msg, n, MCLASS_ABSENCE1, (const uint8_t *)m->absence,
				   strlen(m->absence));
	if (m->name)
		n = adsi_add_field(tx, msg, n, MCLASS_CALLER_NAME, (const uint8_t *)m->name,
				   strlen(m->name));
	return n;
}

static void send(struct callerid *callerid, const struct message *m)
{
	adsi_tx_state_t *tx = adsi_tx_init(NULL, m->standard);
	uint8_t msg[256];
	int16_t samples[BLOCK];
	int n = build(tx, m, msg), block = 0;

	assert_int_equal(adsi_tx_put_message(tx, msg, n), n);
	do {
		memset(samples, 0, sizeof(samples));
		n = adsi_tx(tx, samples, BLOCK);
		if (!m->cut || block != m->cut)
			callerid_hear(callerid, samples, BLOCK);
		block++;
	} while (n > 0);
	memset(samples, 0, sizeof(samples));
	for (int i = 0; i < 50; i++)
		callerid_hear(callerid, samples, BLOCK);
	adsi_tx_free(tx);
}

static struct heard receive(const struct message *m)
{
	struct heard heard = { .count = 0 };
	struct callerid *callerid = callerid_new(hear, &heard);

	assert_non_null(callerid);
	send(callerid, m);
	callerid_free(callerid);
	return heard;
}

static void whole(void **state)
{
	static const int standards[] = { ADSI_STANDARD_CLASS, ADSI_STANDARD_CLIP };

	for (int i = 0; i < 2; i++) {
		struct message m = { standards[i], CLASS_MDMF_CALLERID, "0301234567", "ADA L" };
		struct heard heard = receive(&m);

		assert_int_equal(heard.count, 1);
		assert_string_equal(heard.caller.number, "0301234567");
		assert_string_equal(heard.caller.name, "ADA L");
		assert_int_equal(heard.caller.flags, LINECALLPARTYID_ADDRESS | LINECALLPARTYID_NAME);
	}
}

static void single(void **state)
{
	struct message m = { ADSI_STANDARD_CLASS, CLASS_SDMF_CALLERID, "5551234" };
	struct heard heard = receive(&m);

	assert_int_equal(heard.count, 1);
	assert_string_equal(heard.caller.number, "5551234");
	assert_int_equal(heard.caller.flags, LINECALLPARTYID_ADDRESS);
	m.number = NULL;
	m.absence = "P";
	heard = receive(&m);
	assert_int_equal(heard.count, 1);
	assert_int_equal(heard.caller.flags, LINECALLPARTYID_BLOCKED);
}

static void absent(void **state)
{
	struct message m = { ADSI_STANDARD_CLASS, CLASS_MDMF_CALLERID, .absence = "P" };
	struct heard heard = receive(&m);

	assert_int_equal(heard.caller.flags, LINECALLPARTYID_BLOCKED);
	m.absence = "O";
	heard = receive(&m);
	assert_int_equal(heard.caller.flags, LINECALLPARTYID_OUTOFAREA);
}

/* Letters that nobody has, and more of them than fit */
static void odd(void **state)
{
	char number[101];
	struct message m = { ADSI_STANDARD_CLASS, CLASS_MDMF_CALLERID, number, "\x01X\x7fY\xff" };
	struct heard heard;

	memset(number, '7', 100);
	number[100] = 0;
	heard = receive(&m);
	assert_int_equal(heard.count, 1);
	assert_int_equal(strlen(heard.caller.number), CARD_ID_MAX - 1);
	assert_string_equal(heard.caller.name, "XY");
}

static void other_message(void **state)
{
	struct message m = { ADSI_STANDARD_CLASS, CLASS_MDMF_MSG_WAITING, "1" };

	assert_int_equal(receive(&m).count, 0);
}

static void damaged(void **state)
{
	struct message m = { ADSI_STANDARD_CLASS, CLASS_MDMF_CALLERID, "0301234567", "ADA L" };

	/* a gap of 20 ms anywhere in the message itself, which is some 300 ms long */
	for (m.cut = 16; m.cut < 29; m.cut++)
		assert_int_equal(receive(&m).count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(single),
		cmocka_unit_test(absent),
		cmocka_unit_test(odd),
		cmocka_unit_test(other_message),
		cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
