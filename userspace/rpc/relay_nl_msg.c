/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages of the kernel's relay: making and reading them */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "relay_nl_private.h"

/* Of NLMSG_ERROR, from <linux/netlink.h>; older headers lack some */
#ifndef NLM_F_CAPPED
#define NLM_F_CAPPED 0x100
#endif
#ifndef NLM_F_ACK_TLVS
#define NLM_F_ACK_TLVS 0x200
#endif
#define RELAY_ERR_TEXT 1		/* NLMSGERR_ATTR_MSG */
#define RELAY_ERR_MAX 8

static _Thread_local char relay_error_text[160];

void relay_error_set(const char *text)
{
	snprintf(relay_error_text, sizeof(relay_error_text), "%s", text ? text : "");
}

const char *relay_nl_error(const struct relay_nl *nl)
{
	(void)nl;
	return relay_error_text;
}

/* With room for @len bytes of data and all other attributes */
struct nl_msg *relay_msg_new(struct relay_nl *nl, uint8_t cmd, int flags, size_t len)
{
	struct nl_msg *msg = nlmsg_alloc_size(len + 512);

	if (!msg)
		return NULL;
	if (!genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, nl->family, 0, NLM_F_REQUEST | flags,
			 cmd, TAPI_NL_VERSION)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

int relay_msg_put_line(struct nl_msg *msg, const struct relay_nl_line *line)
{
	int err;

	if (!line->hardware)
		return nla_put(msg, TAPI_NL_A_GUID, sizeof(line->guid), line->guid);
	err = nla_put_u32(msg, TAPI_NL_A_CARD, line->card);
	return err ? err : nla_put_u32(msg, TAPI_NL_A_LINE, line->line);
}

static uint32_t get_u32(struct nlattr *const *attrs, int type)
{
	return attrs[type] && nla_len(attrs[type]) == 4 ? nla_get_u32(attrs[type]) : 0;
}

static uint64_t get_u64(struct nlattr *const *attrs, int type)
{
	return attrs[type] && nla_len(attrs[type]) == 8 ? nla_get_u64(attrs[type]) : 0;
}

static void parse_line(struct nlattr *const *attrs, struct relay_nl_msg *out)
{
	if (attrs[TAPI_NL_A_CARD] && attrs[TAPI_NL_A_LINE]) {
		out->has_line = true;
		out->line.hardware = true;
		out->line.card = get_u32(attrs, TAPI_NL_A_CARD);
		out->line.line = get_u32(attrs, TAPI_NL_A_LINE);
	} else if (attrs[TAPI_NL_A_GUID] &&
		   nla_len(attrs[TAPI_NL_A_GUID]) == TAPI_NL_GUID_LEN) {
		out->has_line = true;
		memcpy(out->line.guid, nla_data(attrs[TAPI_NL_A_GUID]), TAPI_NL_GUID_LEN);
	}
}

static void parse_refused(const struct nlmsghdr *nlh, struct relay_answer *answer)
{
	struct nlattr *nest[TAPI_NL_A_MAX + 1];
	struct nlattr *attr;
	int left;

	nla_for_each_attr(attr, genlmsg_attrdata(nlmsg_data(nlh), 0),
			  genlmsg_attrlen(nlmsg_data(nlh), 0), left) {
		if (nla_type(attr) != TAPI_NL_A_REFUSED)
			continue;
		if (nla_parse_nested(nest, TAPI_NL_A_MAX, attr, NULL) < 0)
			continue;
		if (answer->num_refused < answer->max_refused) {
			answer->refused[answer->num_refused].instance =
				get_u32(nest, TAPI_NL_A_INSTANCE);
			answer->refused[answer->num_refused].error = get_u32(nest, TAPI_NL_A_ERRNO);
		}
		answer->num_refused++;
	}
}

static void parse_answer(const struct nlmsghdr *nlh, struct nlattr *const *attrs,
			 struct relay_answer *answer)
{
	if (attrs[TAPI_NL_A_COOKIE] && nla_len(attrs[TAPI_NL_A_COOKIE]) == TAPI_NL_COOKIE_LEN)
		memcpy(answer->cookie, nla_data(attrs[TAPI_NL_A_COOKIE]), TAPI_NL_COOKIE_LEN);
	answer->expires_ms = get_u32(attrs, TAPI_NL_A_EXPIRES_MS);
	parse_refused(nlh, answer);
}

/* @answer may be NULL.  Members of @out point into @nlh. */
int relay_msg_parse(const struct nlmsghdr *nlh, struct relay_nl_msg *out,
		    struct relay_answer *answer)
{
	struct nlattr *attrs[TAPI_NL_A_MAX + 1];
	const struct genlmsghdr *hdr = nlmsg_data(nlh);

	memset(out, 0, sizeof(*out));
	if (nlmsg_datalen(nlh) < (int)sizeof(*hdr) ||
	    nlmsg_parse((struct nlmsghdr *)nlh, GENL_HDRLEN, attrs, TAPI_NL_A_MAX, NULL) < 0)
		return -EBADMSG;
	out->cmd = hdr->cmd;
	parse_line(attrs, out);
	out->bound = attrs[TAPI_NL_A_BOUND] && nla_get_u8(attrs[TAPI_NL_A_BOUND]);
	out->has_call = attrs[TAPI_NL_A_CALL];
	out->call = get_u64(attrs, TAPI_NL_A_CALL);
	out->caps = get_u64(attrs, TAPI_NL_A_CAPS);
	out->type = get_u32(attrs, TAPI_NL_A_TYPE);
	out->snd_card = get_u32(attrs, TAPI_NL_A_SND_CARD);
	out->snd_device = get_u32(attrs, TAPI_NL_A_SND_DEVICE);
	if (attrs[TAPI_NL_A_NAME])
		out->name = nla_get_string(attrs[TAPI_NL_A_NAME]);
	out->instance = get_u32(attrs, TAPI_NL_A_INSTANCE);
	out->address = get_u32(attrs, TAPI_NL_A_ADDRESS);
	out->grant = get_u32(attrs, TAPI_NL_A_GRANT);
	out->pid = get_u32(attrs, TAPI_NL_A_PID);
	out->uid = get_u32(attrs, TAPI_NL_A_UID);
	out->role = get_u32(attrs, TAPI_NL_A_ROLE);
	out->sent = get_u32(attrs, TAPI_NL_A_SENT);
	out->received = get_u32(attrs, TAPI_NL_A_RECEIVED);
	out->consumed = get_u32(attrs, TAPI_NL_A_CONSUMED);
	out->window = get_u32(attrs, TAPI_NL_A_WINDOW);
	out->reason = get_u32(attrs, TAPI_NL_A_REASON);
	out->seq = get_u32(attrs, TAPI_NL_A_SEQ);
	out->flags = get_u32(attrs, TAPI_NL_A_FLAGS);
	if (attrs[TAPI_NL_A_DATA]) {
		out->data = nla_data(attrs[TAPI_NL_A_DATA]);
		out->len = nla_len(attrs[TAPI_NL_A_DATA]);
	}
	if (answer)
		parse_answer(nlh, attrs, answer);
	return 0;
}

/* The errno of NLMSG_ERROR (0 is an acknowledgement), and the kernel's words or NULL */
int relay_msg_error(const struct nlmsghdr *nlh, const char **text)
{
	struct nlattr *attrs[RELAY_ERR_MAX + 1];
	const struct nlmsgerr *err = nlmsg_data(nlh);
	size_t skip = sizeof(*err);

	*text = NULL;
	if (nlmsg_datalen(nlh) < (int)sizeof(*err))
		return -EBADMSG;
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return err->error;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += NLMSG_ALIGN(err->msg.nlmsg_len) - sizeof(err->msg);
	if (skip <= (size_t)nlmsg_datalen(nlh) &&
	    nla_parse(attrs, RELAY_ERR_MAX,
		      (struct nlattr *)(void *)((char *)nlmsg_data(nlh) + skip),
		      nlmsg_datalen(nlh) - (int)skip, NULL) >= 0 &&
	    attrs[RELAY_ERR_TEXT])
		*text = nla_get_string(attrs[RELAY_ERR_TEXT]);
	return err->error;
}
