#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "config/system/exim_setup/cpanel_plan.hpp"
#include "config/system/exim_setup/exim_options.hpp"
#include "config/system/exim_setup/held_mail.hpp"
#include "config/system/exim_setup/writing_order.hpp"

namespace ie::exim {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

config_file shipped(const std::string& name) {
    std::ifstream in(IE_SOURCE_DIR "/config/system/exim/" + name);
    std::ostringstream text;
    text << in.rdbuf();
    return {name, text.str()};
}

fragments shipped_fragments() {
    return {shipped("ie_macros"),
            shipped("ie_acl"),
            shipped("ie_routers"),
            {"ie_junk_routers", ""},
            shipped("ie_transports")};
}

server_values values() {
    return {"/run/ie/judge.sock", "/run/ie/lmtp.sock", "defer", 5'000, "", 990};
}

const std::string by_hand =
    "domainlist local_domains = here.test\n"
    "hostlist relay_from_hosts = 127.0.0.1\n"
    "begin acl\n"
    "begin routers\n"
    "# mailboxes\n"
    "local_user:\n"
    "  driver = accept\n"
    "  check_local_user\n"
    "  transport = box\n"
    "begin transports\n"
    "box:\n"
    "  driver = appendfile\n";

outcome<file_texts> planned(const std::string& text, fragments parts = shipped_fragments(),
                            const std::string& mailbox_router = "") {
    return with_filter({{{"/exim.conf", text}}, "", ""}, parts, values(), mailbox_router);
}

std::string planned_text(const std::string& text) {
    const auto plan = planned(text);
    return plan ? plan->at("/exim.conf") : "failed: " + plan.failure().what;
}

std::string refusal(const std::string& text, fragments parts = shipped_fragments()) {
    const auto plan = planned(text, std::move(parts));
    return plan ? "nothing" : plan.failure().what;
}

std::string texts(const std::string& text) {
    std::string all;
    for (const auto& line : logical_lines({{"f", text}})) all += line.text + "|";
    return all;
}

TEST(EximText, JoinsContinuedLinesAndLeavesCommentsOut) {
    EXPECT_EQ(texts("a = b \\\n  # no\n   c\n\n # x\nd\n"), "a = b c|d|");
    EXPECT_EQ(texts("a = \\"), "a =|");
}

TEST(EximText, KnowsTheSectionOfALineAcrossIncludes) {
    const std::vector<config_file> files = {{"/a", "DIR = /x\n.include DIR/b\nafter = 1\n"},
                                            {"/x/b", "begin acl\nmine:\n", true}};
    const auto lines = logical_lines(files);
    ASSERT_EQ(lines.size(), 5U);
    EXPECT_EQ(label_of(lines[3]), "mine");
    EXPECT_EQ(place_of(files, lines[3]), "/x/b:2");
    EXPECT_EQ(lines[4].section, "acl");
}

TEST(EximText, SurvivesAFileThatIncludesItself) {
    EXPECT_FALSE(logical_lines({{"/a", ".include /a\n"}}).empty());
}

TEST(EximText, GivesBackWhatItWasWithoutTheMarkedParts) {
    const std::string was = "one\n\ttwo \\\n three\nfour\n";
    const std::string is = edited(
        was, {{2, 2, marked("x", kept_line("\ttwo \\\n") + kept_line(" three\n") + "ours\n")},
              {1, 0, marked("y", "first")},
              {5, 0, marked("z", "last\n")}});
    EXPECT_THAT(is, HasSubstr("ours\n"));
    const auto back = without_marked({"f", is});
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, was);
    EXPECT_THAT(marked_lines(is), HasSubstr("- \ttwo \\\n-  three\n+ ours\n"));
}

TEST(EximText, RefusesAMarkWithoutItsCounterpart) {
    const std::string block = marked("x", "ours");
    const auto cut = without_marked({"f", block.substr(0, block.find("# imunifyemail end"))});
    ASSERT_FALSE(cut);
    EXPECT_THAT(
        cut.failure().what,
        HasSubstr("f:1: the line '# imunifyemail end x' that belongs to this one is missing"));
    const auto end = without_marked({"f", block.substr(block.find("# imunifyemail end"))});
    ASSERT_FALSE(end);
    EXPECT_THAT(end.failure().what, HasSubstr("f:1: the line '# imunifyemail begin x'"));
}

TEST(EximText, RefusesPartsThatRunIntoEachOther) {
    const std::string one = marked("x", "ours");
    const std::string other = marked("y", "ours");
    const std::string text = one.substr(0, one.find("# imunifyemail end")) + "his\n" +
                             other.substr(other.find("# imunifyemail end"));
    EXPECT_FALSE(without_marked({"f", text}));
}

TEST(EximText, TakesOutChosenPartsAlone) {
    const std::string one = marked("x", "ours");
    const auto left = without_marked({"f", one + marked("y", kept_line("his\n"))},
                                     [](auto name) { return name == "y"; });
    ASSERT_TRUE(left);
    EXPECT_EQ(*left, one + "his\n");
}

TEST(EximFragments, AreFilledInWithThisServersValues) {
    const auto text = filled_in(shipped("ie_macros"), values(), false);
    ASSERT_TRUE(text);
    EXPECT_THAT(*text, HasSubstr("\nIE_HOOK_SOCKET = /run/ie/judge.sock\n"));
    EXPECT_THAT(*text, HasSubstr("\nIE_RELEASE_UID = 990\n"));
    EXPECT_THAT(*text, HasSubstr("\nIE_HOOK_GONE = defer\n"));
    EXPECT_THAT(*text, HasSubstr("\nIE_JUDGE_TIMEOUT = 7s\n"));
}

TEST(EximFragments, SayWhereMailboxesAre) {
    auto here = values();
    EXPECT_THAT(*filled_in(shipped("ie_macros"), here, false),
                AllOf(HasSubstr("\nIE_MAILBOX = IE_SYSTEM_MAILBOX\n"),
                      HasSubstr("\nIE_DOMAIN_MAP = /etc/userdomains\n")));
    here.domain_map = "/srv/domains";
    here.mailbox = "${lookup{$local_part}lsearch{/srv/boxes}}";
    EXPECT_THAT(*filled_in(shipped("ie_macros"), here, false),
                AllOf(HasSubstr("\nIE_MAILBOX = " + here.mailbox + "\n"),
                      HasSubstr("\nIE_DOMAIN_MAP = /srv/domains\n")));
    EXPECT_EQ(expressions(shipped_fragments(), here.mailbox).front().text, here.mailbox);
}

TEST(EximFragments, TakeNoValueThatEximWouldReadOtherwise) {
    auto bad = values();
    bad.judge_socket = "/run/${run{/bin/x}}";
    EXPECT_FALSE(filled_in(shipped("ie_macros"), bad, false));
}

TEST(EximFragments, TellEachExpressionWithItsPlace) {
    fragments parts = shipped_fragments();
    parts.routers = {"r", "x:\n  data = ${if broken\n  plain = yes\n"};
    const auto all = expressions(parts);
    const auto found = std::ranges::find(all, "r:2", &expression::place);
    ASSERT_NE(found, all.end());
    EXPECT_EQ(found->text, "${if broken");
    parts.routers = {"r", "x:\n  regex = /[^/]+$\n"};
    EXPECT_EQ(std::ranges::count(expressions(parts), "regex", &expression::name), 0);
}

TEST(DebianPlan, GoesIntoAConfigurationByHandAndOutOfIt) {
    const std::string text = planned_text(by_hand);
    EXPECT_LT(text.find("acl_smtp_data = acl_ie_judge"), text.find("begin acl\n"));
    EXPECT_LT(text.find("begin acl\n"), text.find("\nacl_ie_judge:"));
    EXPECT_LT(text.find("\nie_quarantine:"), text.find("\nlocal_user:"));
    EXPECT_EQ(*without_marked({"", text}), by_hand);
}

TEST(DebianPlan, KeepsTheAdministratorsOptions) {
    const std::string own = by_hand.substr(0, by_hand.find("begin acl")) +
                            "acl_smtp_data = \"my_acl\"\nhide trusted_users = a : \\\n  b\n"
                            "received_header_text = \"Received: \\\"x\\\"\\n\\tby me\"\n" +
                            by_hand.substr(by_hand.find("begin acl"));
    const std::string text = planned_text(own);
    EXPECT_THAT(text, HasSubstr("\nIE_OWN_SMTP_DATA = my_acl\nacl_smtp_data = acl_ie_data\n"));
    EXPECT_THAT(text, HasSubstr("\nIE_OWN_TRUSTED_USERS = a : b\n"
                                "trusted_users = IE_OWN_TRUSTED_USERS : _imunifyemail\n"));
    EXPECT_THAT(text, HasSubstr("\nIE_OWN_RECEIVED_TEXT = Received: \"x\"\\n\\tby me\n"));
    EXPECT_THAT(text, HasSubstr("\nIE_RECEIVED_TEXT = IE_OWN_RECEIVED_TEXT\n.else\n"));
    EXPECT_EQ(*without_marked({"", text}), own);
}

TEST(DebianPlan, TreatsAnEmptyOptionAsOneThatIsNotSet) {
    const std::string text = planned_text("acl_not_smtp =\n" + by_hand);
    EXPECT_THAT(text, Not(HasSubstr("IE_OWN_NOT_SMTP =")));
}

TEST(DebianPlan, RefusesWhatCanNotBeKeptWithItsPlace) {
    EXPECT_THAT(refusal("trusted_users = ${lookup x}\n" + by_hand),
                HasSubstr("/exim.conf:1: trusted_users"));
    EXPECT_THAT(refusal("acl_smtp_data = \"accept \\\\ x\"\n" + by_hand),
                HasSubstr("/exim.conf:1: acl_smtp_data"));
    EXPECT_THAT(refusal("HIS_USERS = <; a ; b\ntrusted_users = HIS_USERS\n" + by_hand),
                HasSubstr("/exim.conf:2: trusted_users"));
    EXPECT_THAT(refusal("IE_HOOK_SOCKET = /x\n" + by_hand),
                HasSubstr("/exim.conf:1: IE_HOOK_SOCKET"));
    EXPECT_THAT(refusal("IE = x\n" + by_hand),
                HasSubstr("/exim.conf:1: the macro IE would be replaced"));
    EXPECT_THAT(refusal(by_hand + "ie_quarantine:\n"),
                HasSubstr("/exim.conf:13: there is a transport ie_quarantine"));
    EXPECT_THAT(refusal("begin acl\n"), HasSubstr("domainlist local_domains"));
    EXPECT_THAT(refusal(by_hand.substr(0, by_hand.size() - 1)),
                HasSubstr("doesn't end with a newline"));
}

TEST(DebianPlan, PutsJunkRoutersBeforeTheMailboxes) {
    fragments parts = shipped_fragments();
    parts.junk_routers.text = "ie_junk:\n  driver = accept\n";
    const std::string text = planned(by_hand, parts)->at("/exim.conf");
    EXPECT_LT(text.find("\nie_quarantine:"), text.find("\nie_junk:"));
    EXPECT_LT(text.find("\nie_junk:"), text.find("\nlocal_user:"));
    const auto unknown = planned(by_hand, parts, "dovecot");
    ASSERT_FALSE(unknown);
    EXPECT_THAT(unknown.failure().what, HasSubstr("no router dovecot"));
}

exim_configuration split_configuration() {
    const std::string folder = "/etc/exim4/conf.d/";
    return {{{folder + "main/02_exim4-config_options",
              "domainlist local_domains = x\nhostlist relay_from_hosts = y\n.ifndef MAIN_ACL\n"
              "MAIN_ACL = acl_check_data\n.endif\nacl_smtp_data = MAIN_ACL\n"},
             {folder + "main/50_mine", "acl_not_smtp = my_acl\n"},
             {folder + "acl/00_exim4-config_header", "begin acl\n"},
             {folder + "router/00_exim4-config_header", "begin routers\n"},
             {folder + "transport/00_exim4-config_header", "begin transports\n"}},
            folder.substr(0, folder.size() - 1),
            "/var/lib/exim4/config.autogenerated"};
}

std::vector<std::string> paths_of(const std::vector<text_step>& steps) {
    std::vector<std::string> paths;
    for (const auto& step : steps) paths.push_back(step.path);
    return paths;
}

TEST(DebianPlan, LeavesDebiansOwnFilesAlone) {
    const auto plan = with_filter(split_configuration(), shipped_fragments(), values(), "");
    ASSERT_TRUE(plan) << plan.failure().what;
    const std::string folder = "/etc/exim4/conf.d/";
    EXPECT_THAT(paths_of(steps_in(*plan)),
                ElementsAre(folder + "transport/00_exim4-config_imunifyemail",
                            folder + "router/00_exim4-config_imunifyemail",
                            folder + "acl/00_exim4-config_imunifyemail",
                            folder + "main/02_exim4-config_imunifyemail", folder + "main/50_mine",
                            folder + "main/zz_exim4-config_imunifyemail"));
    EXPECT_THAT(plan->at(folder + "main/02_exim4-config_imunifyemail"),
                HasSubstr("\n.ifndef MAIN_ACL\nMAIN_ACL = acl_check_data\n.endif\n"
                          "IE_OWN_SMTP_DATA = MAIN_ACL\nMAIN_ACL == acl_ie_data\n"));
    for (const auto& [path, text] : *plan) {
        const auto without = without_marked({path, text});
        ASSERT_TRUE(without);
        if (path == folder + "main/50_mine") continue;
        EXPECT_THAT(*without, IsEmpty());
    }
}

TEST(WritingOrder, PutsWhatIsUsedBeforeItsUserAndTakesItOutAfterIt) {
    const std::string ends = marked("main", "m") + marked("transports", "t");
    const file_texts with = {{"/conf", ends}, {"/routers", "his\n" + marked("routers", "r")}};
    const auto in = steps_in(with);
    EXPECT_THAT(paths_of(in), ElementsAre("/conf", "/routers", "/conf"));
    EXPECT_EQ(in.front().text, marked("transports", "t"));
    EXPECT_EQ(in.back().text, ends);
    const auto out = steps_out(with);
    EXPECT_THAT(paths_of(out), ElementsAre("/conf", "/routers", "/conf"));
    EXPECT_EQ(out[0].text, marked("transports", "t"));
    EXPECT_EQ(out[1].text, "his\n");
    EXPECT_EQ(out[2].text, "");
}

TEST(WritingOrder, WritesAFileOnceWhereItStandsAlone) {
    const std::string text = planned_text(by_hand);
    EXPECT_THAT(paths_of(steps_in({{"/exim.conf", text}})), ElementsAre("/exim.conf"));
    EXPECT_EQ(steps_out({{"/exim.conf", text}}).front().text, by_hand);
}

TEST(DebianPlan, ReadsWhetherTheConfigurationIsSplit) {
    EXPECT_TRUE(is_split("dc_x='1'\ndc_use_split_config='true'\n"));
    EXPECT_TRUE(is_split("dc_use_split_config=\"TRUE\""));
    EXPECT_FALSE(is_split("#dc_use_split_config='true'\ndc_use_split_config='false'\n"));
}

file_texts cpanel_sources(const std::string& local) {
    return {
        {cpanel_local, local}, {cpanel_options, ""}, {cpanel_data_acl, ""}, {cpanel_local_acl, ""}};
}

outcome<file_texts> cpanel_planned(const std::string& local) {
    return cpanel_with_filter(cpanel_sources(local),
                              "hostlist loopback = 127.0.0.1\ntrusted_users = mail\n",
                              shipped_fragments(), values());
}

TEST(CpanelPlan, KeepsTheAdministratorsOptionsInWhateverOrder) {
    for (const char* options : {"received_header_text = Received: x\ntrusted_users = uucp\n",
                                "trusted_users = uucp\nreceived_header_text = Received: x\n"}) {
        const std::string local = std::string("@CONFIG@\n") + options;
        const auto plan = cpanel_planned(local);
        ASSERT_TRUE(plan) << plan.failure().what;
        const std::string& text = plan->at(cpanel_local);
        EXPECT_THAT(text, HasSubstr("\nIE_OWN_RECEIVED_TEXT = Received: x\n"));
        EXPECT_THAT(text, HasSubstr("\ntrusted_users = uucp : _imunifyemail\n"));
        EXPECT_THAT(text, Not(HasSubstr("\ntrusted_users = mail")));
        EXPECT_EQ(*without_marked({"", text}), local);
    }
}

TEST(CpanelPlan, KnowsWhereItsMailboxesAre) {
    const auto plan = cpanel_planned("@CONFIG@\n");
    ASSERT_TRUE(plan) << plan.failure().what;
    EXPECT_THAT(plan->at(cpanel_local), HasSubstr("\nIE_MAILBOX = IE_PANEL_MAILBOX\n"));
}

TEST(CpanelPlan, LetsReleasedMailPastCpanelsOwnChecks) {
    const auto plan = cpanel_planned("@CONFIG@\n");
    ASSERT_TRUE(plan) << plan.failure().what;
    EXPECT_THAT(plan->at(cpanel_data_acl),
                HasSubstr("\naccept acl = acl_ie_release\nrequire acl = acl_ie_judge\n"));
}

TEST(CpanelPlan, RefusesAnAclThatTakesThePlaceOfCpanels) {
    const auto plan = cpanel_planned("@CONFIG@\nacl_smtp_data = my_acl\n");
    ASSERT_FALSE(plan);
    EXPECT_THAT(plan.failure().what,
                AllOf(HasSubstr("/etc/exim.conf.local:2: acl_smtp_data = my_acl"),
                      HasSubstr(cpanel_data_acl)));
}

// As Exim 4.96 writes it; a value that came from outside has one more hyphen.
std::string spool_header(const std::string& variables) {
    return "1xWlJd-0003ck-27-H\nroot 0 0\n<root@vm>\n1795745037 0\n"
           "-received_time_usec .656740\n--ident ie-release\n-received_protocol local\n" +
           variables +
           "-body_linecount 1\n-local\n-tls_resumption A\nXX\n1\nbob@x.test\n\n"
           "018  Subject: hi there\n";
}

bool is_held(const std::string& variables) {
    std::istringstream in(spool_header(variables));
    return read_spool_header(in).is_held;
}

TEST(HeldMail, IsKnownByItsHeaderFile) {
    EXPECT_TRUE(is_held("-aclm _ie 4\nhold\n"));
    EXPECT_FALSE(is_held("-aclm _ie 6\naccept\n--aclm _ie_ticket 3\nabc\n"));
    EXPECT_FALSE(is_held(""));
}

TEST(HeldMail, IsReleasedMailThatIsNotConfirmed) {
    EXPECT_TRUE(is_held("-aclm _ie_release 6\nabc123\n"));
    EXPECT_TRUE(is_held("--aclm _ie_release 6\nabc123\n"));
    EXPECT_TRUE(is_held("--(mysql)aclm _ie_release 6\nabc123\n"));
}

TEST(HeldMail, IsSpamThatMayBeForwarded) {
    EXPECT_TRUE(is_held("-aclm _ie 4\njunk\n--aclm _ie_ticket 3\nabc\n"));
    EXPECT_FALSE(is_held("-aclm _ie 4\njunk\n-aclm _ie_ticket 1\n-\n"));
}

TEST(HeldMail, TellsSpamThatMayWaitForAMailbox) {
    const auto is_junk = [](const std::string& variables) {
        std::istringstream in(spool_header(variables));
        return read_spool_header(in).is_junk;
    };
    EXPECT_TRUE(is_junk("-aclm _ie 4\njunk\n--aclm _ie_ticket 3\nabc\n"));
    EXPECT_FALSE(is_junk("-aclm _ie 4\nhold\n"));
    EXPECT_FALSE(is_junk("-aclm _ie 4\njunk\n-aclm _ie_release 6\nabc123\n"));
}

TEST(HeldMail, IsNotWhatAValueSays) {
    EXPECT_FALSE(is_held("--aclm _his 18\nx\n-aclm _ie 4\nhold\n"));
    EXPECT_TRUE(is_held("--aclm _his 4\n\n\nx\n\n-aclm _ie 4\nhold\n"));
}

TEST(HeldMail, KnowsWhetherItIsFrozen) {
    std::istringstream frozen(spool_header("-frozen 1795745037\n"));
    EXPECT_TRUE(read_spool_header(frozen).is_frozen);
    std::istringstream loose(spool_header(""));
    EXPECT_FALSE(read_spool_header(loose).is_frozen);
}

}  // namespace
}  // namespace ie::exim
