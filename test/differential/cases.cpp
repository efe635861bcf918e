#include "cases.hpp"

#include <boost/json.hpp>
#include <cstdio>

#include "attest/appraise.hpp"

namespace iapp::differential {
namespace {

namespace json = boost::json;
using attest::TcbStatus;

struct Verdict {
    bool accepted = false;
    std::string reason;
    std::string status;
    std::vector<std::string> advisories;
};

/// What the others judge too: authenticity, attributes, no revoked TCB; every other status is theirs to report.
attest::AppraisalPolicy their_policy(const attest::VerifiedQuote& quote)
{
    attest::AppraisalPolicy policy = attest::authenticity_only();
    policy.dangerous_allow_simulated = true;
    policy.tees = {attest::EvidenceKind::tdx, attest::EvidenceKind::sgx};
    policy.tcb.out_of_date_grace = std::chrono::days(36500);
    policy.tcb.statuses.clear();
    for (unsigned status = 0; status <= static_cast<unsigned>(TcbStatus::revoked); ++status)
        policy.tcb.statuses.push_back(static_cast<TcbStatus>(status));
    policy.tcb.advisories = quote.tcb().advisories;
    return policy;
}

Verdict conclude(const Result<attest::VerifiedQuote>& verified, UnixSeconds at)
{
    if (!verified) return {false, std::string(verified.error().reason), {}, {}};
    attest::CheckLog checks;
    const auto result = attest::appraise(*verified, their_policy(*verified), {}, at, checks);
    if (!result) return {false, std::string(result.error().reason), {}, {}};
    return {true, {}, std::string(name(verified->tcb().status)), verified->tcb().advisories};
}

void print(const json::object& line)
{
    const std::string text = json::serialize(line);
    std::printf("%s\n", text.c_str());
}

json::object members_of(const attest::Collateral& collateral)
{
    return json::parse(attest::encode_collateral(collateral)).as_object();
}

json::object case_line(const Base& base, const std::string& name, UnixSeconds at, const Verdict& verdict)
{
    json::object out{{"base", base.name},
                     {"case", name},
                     {"at", at.time_since_epoch().count()},
                     {"accepted", verdict.accepted},
                     {"reason", verdict.reason},
                     {"status", verdict.status}};
    json::array advisories;
    for (const std::string& id : verdict.advisories) advisories.emplace_back(id);
    out["advisories"] = std::move(advisories);
    return out;
}

attest::IntelVerifier cached(const Base& base)
{
    attest::CheckLog checks;
    auto endorsements = attest::IntelEndorsements::open(base.collateral, base.anchor(), checks);
    if (!endorsements) throw std::runtime_error(base.name + ": " + endorsements.error().detail);
    return {*std::move(endorsements), std::make_shared<attest::PckCache>()};
}

void print_base(const Base& base)
{
    print({{"base", base.name},
           {"root", hex(crypto::Certificate::from_pem(base.root_pem)->der())},
           {"quote", hex(base.quote)},
           {"collateral", members_of(base.collateral)}});
}

}  // namespace

void write_alone(const Base& base, const std::string& name)
{
    print_base(base);
    attest::CheckLog checks;
    const auto verified = attest::verify_intel({base.kind, base.quote}, base.collateral, base.anchor(), base.at, checks);
    print(case_line(base, name, base.at, conclude(verified, base.at)));
}

Writer::Writer(const Base& base) : base_(base), cached_(cached(base))
{
    print_base(base);
    write("good", base.quote, base.collateral, base.at);
}

void Writer::write(const std::string& name, const Bytes& quote, const attest::Collateral& collateral, UnixSeconds at) const
{
    attest::CheckLog checks;
    const auto verified = attest::verify_intel({base_.kind, quote}, collateral, base_.anchor(), at, checks);
    json::object out = case_line(base_, name, at, conclude(verified, at));
    if (quote != base_.quote) out["quote"] = hex(quote);
    json::object changed;
    const json::object before = members_of(base_.collateral);
    for (const auto& [member, value] : members_of(collateral))
        if (!before.contains(member) || before.at(member) != value) changed[member] = value;
    if (!changed.empty()) out["collateral"] = std::move(changed);
    print(out);
}

void Writer::quote(const std::string& name, const std::function<void(Bytes&)>& bend) const
{
    Bytes bent = base_.quote;
    bend(bent);
    write(name, bent, base_.collateral, base_.at);
}

void Writer::collateral(const std::string& name, const std::function<void(attest::Collateral&)>& bend) const
{
    attest::Collateral bent = base_.collateral;
    bend(bent);
    write(name, base_.quote, bent, base_.at);
}

void Writer::flip(std::size_t bit) const
{
    attest::Evidence evidence{base_.kind, base_.quote};
    evidence.bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    attest::CheckLog checks;
    json::object out = case_line(base_, "flip_" + std::to_string(bit), base_.at,
                                 conclude(cached_.verify(evidence, base_.at, checks), base_.at));
    out["flip"] = bit;
    print(out);
}

test::IntelLayout layout_of(ByteView quote)
{
    using test::IntelForm;
    const bool sgx = quote[4] == 0;
    if (quote[0] == 3) return test::layout(IntelForm::sgx3);
    if (quote[0] == 4) return test::layout(sgx ? IntelForm::sgx4 : IntelForm::td4);
    return test::layout(sgx ? IntelForm::sgx5 : quote[48] == 2 ? IntelForm::td5_10 : IntelForm::td5_15);
}

}  // namespace iapp::differential
