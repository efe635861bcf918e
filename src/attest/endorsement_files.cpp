#include "attest/endorsement_files.hpp"

#include <algorithm>

#include "attest/detect.hpp"
#include "attest/pck.hpp"
#include "attest/snp_vek.hpp"
#include "codec/json.hpp"
#include "crypto/x509.hpp"

namespace iapp::attest {
namespace {

using crypto::Certificate;
using crypto::Crl;

constexpr std::size_t kMaxCertificates = 64;
constexpr std::size_t kMaxPileBytes = std::size_t{4} << 20;  ///< of all files: a revocation list takes ten times its size

/// A signed JSON document with the few members that decide whether it is the one.
struct Document {
    SignedObject object;
    std::string id;
    std::string fmspc;  ///< of TCB info, lower case
    UnixSeconds from;
    UnixSeconds to;
};

struct Pile {
    std::vector<Certificate> certificates;
    std::vector<Crl> crls;
    std::vector<Document> tcb_infos;
    std::vector<Document> qe_identities;
    std::vector<Collateral> complete;
    std::size_t bytes = 0;  ///< of the files it was made of
};

std::string lower(std::string_view text)
{
    std::string out(text);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

Result<Document> read_document(SignedObject object)
{
    TRY(const json::Value value, json::parse(object.bytes));
    TRY(const json::ObjectReader in, json::ObjectReader::of(value));
    TRY(const std::string_view issued, in.text("issueDate"));
    TRY(const std::string_view next, in.text("nextUpdate"));
    TRY(const UnixSeconds from, parse_iso8601(issued));
    TRY(const UnixSeconds to, parse_iso8601(next));
    TRY(const auto id, in.find_text("id"));
    TRY(const auto fmspc, in.find_text("fmspc"));
    return Document{std::move(object), std::string(id.value_or("")), lower(fmspc.value_or("")), from, to};
}

Result<Document> read_document(std::string_view text, std::string_view member)
{
    TRY(SignedObject object, slice_signed_object(text, member));
    return read_document(std::move(object));
}

void add_json(std::string_view text, Pile& pile)
{
    if (auto all = parse_collateral(text)) pile.complete.push_back(*std::move(all));
    if (auto info = read_document(text, "tcbInfo")) pile.tcb_infos.push_back(*std::move(info));
    if (auto identity = read_document(text, "enclaveIdentity")) pile.qe_identities.push_back(*std::move(identity));
}

void add_pem(std::string_view text, Pile& pile)
{
    if (auto certificates = crypto::parse_pem_certificates(text))
        pile.certificates.insert(pile.certificates.end(), certificates->begin(), certificates->end());
    else if (auto crl = Crl::from_pem(text)) pile.crls.push_back(*std::move(crl));
}

void add_der(ByteView der, Pile& pile)
{
    if (auto certificate = Certificate::from_der(der)) pile.certificates.push_back(*std::move(certificate));
    else if (auto crl = Crl::from_der(der)) pile.crls.push_back(*std::move(crl));
}

void add(ByteView file, Pile& pile)
{
    const auto bytes = unwrap_text(file);
    if (!bytes || pile.certificates.size() > kMaxCertificates || bytes->size() > kMaxPileBytes - pile.bytes) return;
    pile.bytes += bytes->size();
    const std::string_view text = as_text(*bytes);
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    const std::string_view rest = text.substr(std::min(first, text.size()));
    if (rest.starts_with('{')) return add_json(text, pile);
    if (rest.starts_with("-----BEGIN")) return add_pem(text, pile);
    return add_der(*bytes, pile);
}

/// The parts of one document with everything, as if each were a file of its own.
void take_apart(const Collateral& all, Pile& pile)
{
    for (const std::string* pem : {&all.pck_crl_issuer_chain, &all.tcb_info_issuer_chain, &all.qe_identity_issuer_chain})
        add_pem(*pem, pile);
    if (all.pck_certificate_chain) add_pem(*all.pck_certificate_chain, pile);
    for (const Bytes* der : {&all.root_ca_crl, &all.pck_crl}) add_der(*der, pile);
    if (auto info = read_document({all.tcb_info, all.tcb_info_signature})) pile.tcb_infos.push_back(*std::move(info));
    if (auto identity = read_document({all.qe_identity, all.qe_identity_signature}))
        pile.qe_identities.push_back(*std::move(identity));
}

/// The platform a PCK certificate names, in digits; empty when it names none.
std::string fmspc_of(const Certificate* leaf)
{
    const auto* extension = leaf == nullptr ? nullptr : leaf->find_extension(kSgxExtensionOid);
    if (extension == nullptr) return {};
    const auto platform = parse_sgx_extension(extension->value);
    return platform ? hex(platform->fmspc.bytes()) : "";
}

/// The one that holds at `now`, else the newest. Null when there is none for which `wanted` is true.
template <class T, class Wanted, class From, class To>
const T* choose(const std::vector<T>& all, UnixSeconds now, Wanted wanted, From from, To to)
{
    const T* best = nullptr;
    const auto holds = [&](const T& one) { return from(one) <= now && now <= to(one); };
    for (const T& one : all) {
        if (!wanted(one)) continue;
        const bool better = best == nullptr || (holds(one) != holds(*best) ? holds(one) : from(one) > from(*best));
        if (better) best = &one;
    }
    return best;
}

const Certificate* choose_certificate(const Pile& pile, UnixSeconds now, auto wanted)
{
    return choose(
        pile.certificates, now, wanted, [](const Certificate& c) { return c.not_before(); },
        [](const Certificate& c) { return c.not_after(); });
}

const Document* choose_document(const std::vector<Document>& all, UnixSeconds now, std::string_view id,
                                std::string_view fmspc = {})
{
    // Of another platform is better than none: then verification says which platform it is about.
    const bool known = std::ranges::any_of(all, [&](const Document& d) { return !fmspc.empty() && d.fmspc == fmspc; });
    return choose(
        // The version 2 of TCB info, SGX only, does not name its kind.
        all, now,
        [&](const Document& d) { return (d.id == id || (d.id.empty() && id == "SGX")) && (!known || d.fmspc == fmspc); },
        [](const Document& d) { return d.from; }, [](const Document& d) { return d.to; });
}

Bytes choose_crl(const Pile& pile, UnixSeconds now, const Certificate* issuer)
{
    if (issuer == nullptr) return {};
    const Crl* found = choose(
        pile.crls, now, [&](const Crl& crl) { return crl.issuer_der() == issuer->subject_der(); },
        [](const Crl& crl) { return crl.this_update(); },
        [](const Crl& crl) { return crl.next_update().value_or(UnixSeconds::max()); });
    return found == nullptr ? Bytes{} : found->der();
}

std::string chain(const Certificate* below, const Certificate* root)
{
    return below == nullptr || root == nullptr ? "" : below->to_pem() + root->to_pem();
}

bool self_issued(const Certificate& c) { return c.subject_der() == c.issuer_der(); }

bool is_vek(const Certificate& c)
{
    return c.subject_cn() == common_name(VekKind::vcek) || c.subject_cn() == common_name(VekKind::vlek);
}

/// Whether an endorsement key is of the kind, the product, the firmware and, for a VCEK, the chip of the report.
bool fits(const Certificate& vek, const UnverifiedSnpReport& report)
{
    const VekKind kind = report.signing_key == SnpSigningKey::vlek ? VekKind::vlek : VekKind::vcek;
    if (vek.subject_cn() != common_name(kind)) return false;
    const auto says = parse_vek_extensions(vek.extensions(), kind);
    if (!says || (report.product && report.product != says->product)) return false;
    if (decode_tcb(says->product, report.reported_tcb) != says->tcb) return false;
    if (kind == VekKind::vlek) return true;
    const ByteView chip = report.chip_id.bytes();
    return std::ranges::equal(*says->hardware_id, chip.first(std::min(chip.size(), says->hardware_id->size())));
}

/// The VEK of the pile that fits the report, else any.
const Certificate* choose_vek(const Pile& pile, ByteView report, UnixSeconds now)
{
    const auto parsed = parse_snp_report(report);
    if (parsed)
        if (const auto* fit = choose_certificate(pile, now, [&](const Certificate& c) { return fits(c, *parsed); }))
            return fit;
    return choose_certificate(pile, now, is_vek);
}

/// A list from a file in any form.
std::optional<Crl> read_list(ByteView file)
{
    Pile pile;
    add(file, pile);
    if (pile.crls.size() != 1) return std::nullopt;
    return std::move(pile.crls.front());
}

/// Whether a certificate of `chain` has the name that issued `list`, and issued itself or not.
bool issued_by(const Crl& list, std::string_view chain, bool root)
{
    const auto certificates = crypto::parse_pem_certificates(chain);
    return certificates && std::ranges::any_of(*certificates, [&](const Certificate& c) {
               return c.subject_der() == list.issuer_der() && self_issued(c) == root;
           });
}

}  // namespace

Collateral choose_collateral(std::span<const Bytes> files, EvidenceKind kind, std::string_view pck_chain_pem,
                             UnixSeconds now)
{
    Pile pile;
    for (const Bytes& file : files) add(file, pile);
    const bool alone =
        pile.certificates.empty() && pile.crls.empty() && pile.tcb_infos.empty() && pile.qe_identities.empty();
    if (pile.complete.size() == 1 && alone) return std::move(pile.complete.front());
    for (const Collateral& all : pile.complete) take_apart(all, pile);
    add_pem(pck_chain_pem, pile);

    const Certificate* root = choose_certificate(pile, now, self_issued);
    const Certificate* leaf = choose_certificate(
        pile, now, [](const Certificate& c) { return !c.is_ca() && c.subject_cn() == "Intel SGX PCK Certificate"; });
    const Certificate* pck_ca = choose_certificate(pile, now, [&](const Certificate& c) {
        return c.is_ca() && !self_issued(c) && (leaf == nullptr || c.subject_der() == leaf->issuer_der());
    });
    const Certificate* signer = choose_certificate(
        pile, now, [](const Certificate& c) { return !c.is_ca() && c.subject_cn() == "Intel SGX TCB Signing"; });
    const Document* tcb = choose_document(pile.tcb_infos, now, kind == EvidenceKind::sgx ? "SGX" : "TDX", fmspc_of(leaf));
    const Document* qe = choose_document(pile.qe_identities, now, kind == EvidenceKind::sgx ? "QE" : "TD_QE");

    Collateral out;
    if (leaf != nullptr && pck_ca != nullptr && root != nullptr)
        out.pck_certificate_chain = leaf->to_pem() + pck_ca->to_pem() + root->to_pem();
    out.pck_crl_issuer_chain = chain(pck_ca, root);
    out.root_ca_crl = choose_crl(pile, now, root);
    out.pck_crl = choose_crl(pile, now, pck_ca);
    out.tcb_info_issuer_chain = out.qe_identity_issuer_chain = chain(signer, root);
    if (tcb != nullptr) std::tie(out.tcb_info, out.tcb_info_signature) = std::tie(tcb->object.bytes, tcb->object.signature);
    if (qe != nullptr)
        std::tie(out.qe_identity, out.qe_identity_signature) = std::tie(qe->object.bytes, qe->object.signature);
    return out;
}

SnpEndorsements choose_snp_endorsements(std::span<const Bytes> files, ByteView report, const std::optional<Bytes>& named,
                                        UnixSeconds now)
{
    Pile pile;
    for (const Bytes& file : files) add(file, pile);
    Pile own;
    if (named) add(*named, own);
    pile.certificates.insert(pile.certificates.end(), own.certificates.begin(), own.certificates.end());
    const auto issuer_of = [&](const Certificate* below) {
        return choose_certificate(pile, now, [&](const Certificate& c) {
            return c.is_ca() && (below == nullptr || c.subject_der() == below->issuer_der());
        });
    };
    const Certificate* vek = named ? choose_vek(own, report, now) : choose_vek(pile, report, now);
    const Certificate* signer = issuer_of(vek);
    const Certificate* ark = signer == nullptr ? nullptr : issuer_of(signer);

    SnpEndorsements out;
    if (vek != nullptr) out.vek = vek->der();
    else if (named) out.vek = *named;
    out.cert_chain_pem = chain(signer, ark);
    if (Bytes crl = choose_crl(pile, now, ark); !crl.empty()) out.crl = std::move(crl);
    return out;
}

bool take_revocation_list(ByteView file, Collateral& into)
{
    const auto list = read_list(file);
    if (!list) return false;
    const bool root = issued_by(*list, into.pck_crl_issuer_chain, true);
    if (!root && !issued_by(*list, into.pck_crl_issuer_chain, false)) return false;
    (root ? into.root_ca_crl : into.pck_crl) = list->der();
    return true;
}

bool take_revocation_list(ByteView file, SnpEndorsements& into)
{
    const auto list = read_list(file);
    if (!list || !issued_by(*list, into.cert_chain_pem, true)) return false;
    into.crl = list->der();
    return true;
}

}  // namespace iapp::attest
