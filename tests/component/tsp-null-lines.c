/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The null provider: its lines, and every structure it fills. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tsp-null-host.h"

static void test_module(void **state)
{
	DWORD version = 0;

	assert_int_equal(TAPI_TSP_ABI, tsp.module->abi);
	assert_int_equal(sizeof(*tsp.module), tsp.module->size);
	assert_string_equal("null", tsp.module->name);
	assert_int_equal(2, tsp.module->wchar_bytes);
	assert_int_equal(TAPI_TSP_REENTRANT, tsp.module->flags);
	assert_int_equal(0, tsp.lineNegotiateTSPIVersion(INITIALIZE_NEGOTIATION, 0x00010003,
							 0x00030001, &version));
	assert_int_equal(VERSION, version);
}

static void test_devices(void **state)
{
	LINEEXTENSIONID none = {}, extension = {};
	DWORD version = 0, count = 0;
	HDRVLINE other = 0;

	assert_int_equal(2, line_total);
	assert_int_equal(0, tsp.lineNegotiateTSPIVersion(BASE + 1, 0x00010004, 0x00020000,
							 &version));
	assert_int_equal(0x00020000, version);
	assert_int_equal(LINEERR_INCOMPATIBLEAPIVERSION,
			 tsp.lineNegotiateTSPIVersion(BASE, 0x00030000, 0x00030001, &version));
	assert_int_equal(LINEERR_BADDEVICEID,
			 tsp.lineNegotiateTSPIVersion(BASE + 2, 0x00010003, VERSION, &version));
	assert_int_equal(LINEERR_BADDEVICEID,
			 tsp.lineNegotiateTSPIVersion(0, 0x00010003, VERSION, &version));
	assert_int_equal(0, tsp.lineGetExtensionID(BASE, VERSION, &extension));
	assert_memory_not_equal(&none, &extension, sizeof(none));
	assert_int_equal(0, tsp.lineNegotiateExtVersion(BASE, VERSION, 1, 0x00020000, &version));
	assert_int_equal(0x00010000, version);
	assert_int_equal(0, tsp.lineSelectExtVersion(line, version));
	assert_int_equal(LINEERR_ALLOCATED, tsp.lineOpen(BASE, 1, &other, VERSION, NULL));
	assert_int_equal(LINEERR_INCOMPATIBLEAPIVERSION,
			 tsp.lineOpen(BASE + 1, 1, &other, 0x00030000, NULL));
	assert_int_equal(LINEERR_OPERATIONUNAVAIL, tsp.lineMSPIdentify(BASE, &(GUID){}));
	assert_int_equal(0, tsp.lineGetNumAddressIDs(line, &count));
	assert_int_equal(1, count);
	assert_int_equal(LINEERR_INVALLINEHANDLE, tsp.lineGetNumAddressIDs(line + 1, &count));
	assert_int_equal(LINEERR_INVALLINEHANDLE, tsp.lineGetNumAddressIDs(0, &count));
}

/* One structure of the size protocol: how to get it, and where its variable parts are */
struct sized {
	const char *name;
	LONG (*get)(void *to);
	size_t fixed;
	size_t parts[5];	/* offsets of ...Size; 0 ends the list */
};

static HDRVCALL sized_call;

static LONG get_devcaps(void *to)
{
	return tsp.lineGetDevCaps(BASE, VERSION, 0, to);
}

static LONG get_old_devcaps(void *to)
{
	return tsp.lineGetDevCaps(BASE, 0x00010003, 0, to);
}

static LONG get_addresscaps(void *to)
{
	return tsp.lineGetAddressCaps(BASE, 0, VERSION, 0, to);
}

static LONG get_devstatus(void *to)
{
	return tsp.lineGetLineDevStatus(line, to);
}

static LONG get_addressstatus(void *to)
{
	return tsp.lineGetAddressStatus(line, 0, to);
}

static LONG get_callinfo(void *to)
{
	return tsp.lineGetCallInfo(sized_call, to);
}

static LONG get_callstatus(void *to)
{
	return tsp.lineGetCallStatus(sized_call, to);
}

static LONG get_id(void *to)
{
	return tsp.lineGetID(line, 0, 0, LINECALLSELECT_LINE, to, u"TAPI/line", NULL);
}

static const struct sized sized[] = {
	{ "LINEDEVCAPS", get_devcaps, 268,
	  { offsetof(LINEDEVCAPS, dwProviderInfoSize), offsetof(LINEDEVCAPS, dwSwitchInfoSize),
	    offsetof(LINEDEVCAPS, dwLineNameSize), offsetof(LINEDEVCAPS, dwDeviceClassesSize) } },
	{ "LINEDEVCAPS 1.3", get_old_devcaps, 236,
	  { offsetof(LINEDEVCAPS, dwProviderInfoSize), offsetof(LINEDEVCAPS, dwSwitchInfoSize),
	    offsetof(LINEDEVCAPS, dwLineNameSize) } },
	{ "LINEADDRESSCAPS", get_addresscaps, 228, { offsetof(LINEADDRESSCAPS, dwAddressSize) } },
	{ "LINEDEVSTATUS", get_devstatus, 88 },
	{ "LINEADDRESSSTATUS", get_addressstatus, 64 },
	{ "LINECALLINFO", get_callinfo, 324,
	  { offsetof(LINECALLINFO, dwCallerIDSize), offsetof(LINECALLINFO, dwCallerIDNameSize) } },
	{ "LINECALLSTATUS", get_callstatus, 56 },
	{ "VARSTRING", get_id, 24, { offsetof(VARSTRING, dwStringSize) } },
};

static DWORD member(const uint8_t *from, size_t at)
{
	DWORD value;

	memcpy(&value, from + at, sizeof(value));
	return value;
}

/* Parts lie behind the fixed part, touch each other, and fill what is used; returns their number */
static unsigned int check_parts(const struct sized *s, const uint8_t *got)
{
	DWORD end = s->fixed, size, offset;
	unsigned int there = 0;
	size_t i;

	for (i = 0; s->parts[i]; i++) {
		size = member(got, s->parts[i]);
		offset = member(got, s->parts[i] + 4);
		if (!size) {
			assert_int_equal(0, offset);
			continue;
		}
		assert_int_equal(end, offset);
		end += size;
		there++;
	}
	assert_int_equal(end, member(got, 8));
	return there;
}

static void check_size(const struct sized *s, DWORD total, DWORD needed)
{
	uint8_t *got = malloc(total + 64);
	DWORD i;
	LONG err;

	assert_non_null(got);
	memset(got, 0xA5, total + 64);
	memset(got, 0, total);
	memcpy(got, &total, total < 4 ? total : 4);
	/* below four bytes there is no room to say so */
	err = total >= 4 ? s->get(got) : LINEERR_STRUCTURETOOSMALL;
	assert_int_equal(total < s->fixed ? LINEERR_STRUCTURETOOSMALL : 0, err);
	if (total >= 8)
		assert_int_equal(needed, member(got, 4));
	if (total >= s->fixed) {
		assert_int_equal(total, member(got, 0));
		assert_true(member(got, 8) <= total);
		check_parts(s, got);
	}
	if (total >= needed)
		assert_int_equal(needed, member(got, 8));
	for (i = total; i < total + 64; i++)
		assert_int_equal(0xA5, got[i]);
	free(got);
}

static void get(LONG (*function)(void *), void *to, DWORD size)
{
	memset(to, 0, size);
	memcpy(to, &size, sizeof(size));
	assert_int_equal(0, function(to));
}

static void test_sizes(void **state)
{
	uint8_t whole[4096] = {};
	DWORD total = sizeof(whole);
	HTAPICALL ht_call;
	size_t i, parts;

	ring(&sized_call, &ht_call);
	for (i = 0; i < sizeof(sized) / sizeof(sized[0]); i++) {
		memset(whole, 0, sizeof(whole));
		memcpy(whole, &total, sizeof(total));
		assert_int_equal(0, sized[i].get(whole));
		for (parts = 0; sized[i].parts[parts]; parts++)
			;
		assert_int_equal(parts, check_parts(&sized[i], whole));
		for (DWORD size = 0; size <= member(whole, 4) + 1; size++)
			check_size(&sized[i], size, member(whole, 4));
	}
	/* what belongs to the service stays as it came */
	memset(whole, 0x5A, sizeof(whole));
	memcpy(whole, &total, sizeof(total));
	assert_int_equal(0, tsp.lineGetCallInfo(sized_call, (void *)whole));
	assert_int_equal(0x5A5A5A5A, ((LINECALLINFO *)whole)->hLine);
	assert_int_equal(0x5A5A5A5A, ((LINECALLINFO *)whole)->dwNumMonitors);
	assert_int_equal(0x5A5A5A5A, ((LINECALLINFO *)whole)->dwCommentOffset);
	assert_int_equal(0, ((LINECALLINFO *)whole)->dwDisplaySize);
}

static void test_caps(void **state)
{
	union {
		LINEDEVCAPS dev;
		LINEADDRESSCAPS address;
		VARSTRING id;
		uint8_t bytes[4096];
	} got;
	DWORD address = 9;

	get(get_devcaps, &got, sizeof(got));
	assert_memory_equal(u"office 0", got.bytes + got.dev.dwLineNameOffset, 18);
	assert_int_equal(3, got.dev.dwNumAddresses);
	assert_true(got.dev.dwDevCapFlags & LINEDEVCAPFLAGS_MSP);
	get(get_addresscaps, &got, sizeof(got));
	assert_memory_equal(u"100", got.bytes + got.address.dwAddressOffset, 8);
	assert_int_equal(BASE, got.address.dwLineDeviceID);
	get(get_id, &got, sizeof(got));
	assert_int_equal(4, got.id.dwStringSize);
	assert_int_equal(BASE, member(got.bytes, got.id.dwStringOffset));
	assert_int_equal(LINEERR_INVALDEVICECLASS,
			 tsp.lineGetID(line, 0, 0, LINECALLSELECT_LINE, &got.id, u"wave/in", NULL));
	assert_int_equal(LINEERR_INVALCALLSELECT,
			 tsp.lineGetID(line, 0, 0, 0x20, &got.id, u"tapi/line", NULL));
	assert_int_equal(LINEERR_INVALCALLHANDLE,
			 tsp.lineGetID(line, 0, 5, LINECALLSELECT_CALL, &got.id, u"tapi/line",
				       NULL));
	assert_int_equal(LINEERR_INVALADDRESSID,
			 tsp.lineGetAddressCaps(BASE, 3, VERSION, 0, &got.address));
	assert_int_equal(LINEERR_INCOMPATIBLEEXTVERSION,
			 tsp.lineGetDevCaps(BASE, VERSION, 5, &got.dev));
	assert_int_equal(0, tsp.lineGetAddressID(line, &address, LINEADDRESSMODE_DIALABLEADDR,
						 u"102", 8));
	assert_int_equal(2, address);
	assert_int_equal(LINEERR_INVALADDRESS,
			 tsp.lineGetAddressID(line, &address, LINEADDRESSMODE_DIALABLEADDR,
					      u"103", 8));
}

int main(void)
{
	static const char *const msp[] = {
		"Msp={6d8e3f14-2b7a-4c95-8e01-54415049ca4d}", "Pcm=hw:TAPI9,9", "Pcm0=hw:TAPI7,0",
		"Addresses=3", "Name=office", NULL,
	};
	const struct CMUnitTest tests[] = {
		{ "module", test_module, setup, teardown, NULL },
		{ "devices", test_devices, setup, teardown, NULL },
		{ "sizes", test_sizes, setup, teardown, NULL },
		{ "caps", test_caps, setup, teardown, (void *)msp },
	};

	host_load();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
