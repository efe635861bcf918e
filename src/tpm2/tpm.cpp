// The connection and the registers: read, extend, quote.
#include "tpm2/tpm.hpp"

#include <algorithm>

#include "tpm2/internal/esys.hpp"

namespace iapp::tpm2 {
namespace {

using internal::check;
using internal::Context;
using internal::Out;

constexpr ESYS_TR kNone = ESYS_TR_NONE;
constexpr int kAttempts = 8;           ///< while others extend registers
constexpr std::size_t kMaxExtra = 32;  ///< fits TPM2B_DATA of every TPM, whatever its largest hash is

/// The loader would open any library it is told the name of: only these two, with what belongs to them.
bool is_known_transport(const std::string& tcti)
{
    const auto rest_is = [](std::string_view rest, std::string_view allowed) {
        return !rest.empty() && rest.size() <= 256 && rest.find_first_not_of(allowed) == std::string_view::npos;
    };
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_=,/:";
    const std::string_view text = tcti;
    if (text.starts_with("device:/dev/")) return rest_is(text.substr(12), "abcdefghijklmnopqrstuvwxyz0123456789_-");
    return text.starts_with("swtpm:") && rest_is(text.substr(6), kPlain);
}

std::unexpected<Error> raced()
{
    return fail(ErrorKind::unavailable, "tpm2.raced", "registers change faster than they can be read; try again");
}

/// One PCR_Read: as many of `wanted` as the TPM gives at once.
struct Portion {
    UINT32 counter = 0;
    PcrValues values = {};  ///< empty: the TPM keeps none of these
};

Result<Portion> read_portion(ESYS_CONTEXT* esys, const attest::PcrSelection& wanted)
{
    TRY(const TPML_PCR_SELECTION selection, internal::to_tpm(wanted));
    UINT32 counter = 0;
    Out<TPML_PCR_SELECTION> read;
    Out<TPML_DIGEST> digests;
    const TSS2_RC rc = Esys_PCR_Read(esys, kNone, kNone, kNone, &selection, &counter, read.put(), digests.put());
    if (internal::is_unknown_hash(rc)) return Portion{};
    TRY_OK(check(rc, "cannot read the registers"));
    Portion portion{counter, {}};
    UINT32 next = 0;
    for (const std::uint32_t pcr : wanted.pcrs) {
        const auto& bank = read->pcrSelections[0];
        const bool selected = read->count == 1 && bank.hash == internal::alg_id(wanted.bank) &&
                              pcr / 8 < bank.sizeofSelect && (bank.pcrSelect[pcr / 8] >> (pcr % 8) & 1) != 0;
        if (!selected) continue;
        if (next >= digests->count) break;
        const auto& value = digests->digests[next++];
        portion.values.emplace(pcr, to_bytes(ByteView(value.buffer, value.size)));
    }
    return portion;
}

/// Every register once, or nothing when the update counter moved in between.
Result<std::optional<PcrValues>> read_once(ESYS_CONTEXT* esys, const attest::PcrSelection& selection)
{
    attest::PcrSelection left = selection;
    PcrValues all;
    std::optional<UINT32> counter;
    while (!left.pcrs.empty()) {
        TRY(const Portion portion, read_portion(esys, left));
        if (portion.values.empty())
            return fail(ErrorKind::precondition_failed, "tpm2.bank",
                        "the TPM keeps no " + std::string(attest::name(selection.bank)) + " value for register " +
                            std::to_string(*left.pcrs.begin()) + "; allocate the bank, or choose another");
        if (counter && *counter != portion.counter) return std::optional<PcrValues>{};
        counter = portion.counter;
        for (const auto& [pcr, value] : portion.values) {
            left.pcrs.erase(pcr);
            all.emplace(pcr, value);
        }
    }
    return std::optional(std::move(all));
}

Bytes digest_of(const PcrValues& values)
{
    Bytes all;
    for (const auto& [pcr, value] : values) append(all, value);
    return attest::digest(attest::HashAlgorithm::sha256, all);  // the hash of our keys' schemes
}

/// Signed statement and signature as the TPM returned them.
struct Signed {
    Bytes attest, signature;
    TPMS_ATTEST parsed;
};

Result<Signed> sign(ESYS_CONTEXT* esys, const Key& ak, const TPML_PCR_SELECTION& selection, const TPM2B_DATA& extra)
{
    TPMT_SIG_SCHEME of_the_key = {};
    of_the_key.scheme = TPM2_ALG_NULL;
    Out<TPM2B_ATTEST> attest;
    Out<TPMT_SIGNATURE> signature;
    TRY_OK(check(Esys_Quote(esys, ak.loaded().handle.get(), ESYS_TR_PASSWORD, kNone, kNone, &extra, &of_the_key, &selection,
                            attest.put(), signature.put()),
                 "the TPM does not quote"));
    const ByteView bytes(attest->attestationData, attest->size);
    TRY(const auto parsed, internal::unmarshal<TPMS_ATTEST>(bytes, Tss2_MU_TPMS_ATTEST_Unmarshal));
    TRY(Bytes signed_by, internal::marshal(*signature, Tss2_MU_TPMT_SIGNATURE_Marshal));
    return Signed{to_bytes(bytes), std::move(signed_by), parsed};
}

bool same_selection(const TPML_PCR_SELECTION& a, const TPML_PCR_SELECTION& b)
{
    const auto bytes = [](const TPML_PCR_SELECTION& s) { return internal::marshal(s, Tss2_MU_TPML_PCR_SELECTION_Marshal); };
    const auto left = bytes(a);
    const auto right = bytes(b);
    return left && right && *left == *right;
}

/// What a collector believes of its own quote: that it answers this question.
Status check_own(const TPMS_ATTEST& quoted, const TPML_PCR_SELECTION& selection, ByteView extra)
{
    const bool is_quote = quoted.magic == TPM2_GENERATED_VALUE && quoted.type == TPM2_ST_ATTEST_QUOTE;
    const bool is_ours = is_quote && std::ranges::equal(ByteView(quoted.extraData.buffer, quoted.extraData.size), extra) &&
                         same_selection(quoted.attested.quote.pcrSelect, selection);
    if (is_ours) return {};
    return fail(ErrorKind::corrupt, "tpm2.quote", "the TPM returned a statement about something else than was asked for");
}

}  // namespace

Tpm::Tpm(std::shared_ptr<Context> context) : context_(std::move(context)) {}
Tpm::Tpm(Tpm&&) noexcept = default;
Tpm& Tpm::operator=(Tpm&&) noexcept = default;
Tpm::~Tpm() = default;

Result<Tpm> Tpm::open(const std::string& tcti)
{
    if (!is_known_transport(tcti))
        return fail(
            ErrorKind::invalid_input, "tpm2.tcti",
            "a TPM is named device:/dev/NAME or swtpm:host=HOST,port=PORT; the usual one is " + std::string(kDefaultTcti));
    TRY(auto context, Context::open(tcti));
    return Tpm(std::move(context));
}

Result<PcrValues> Tpm::read_pcrs(const attest::PcrSelection& selection)
{
    TRY_OK(internal::to_tpm(selection));
    for (int i = 0; i < kAttempts; ++i) {
        TRY(auto values, read_once(context_->get(), selection));
        if (values) return *std::move(values);
    }
    return raced();
}

Result<attest::TpmEvidence> Tpm::quote(const Key& ak, const attest::PcrSelection& selection, ByteView extra_data)
{
    TPM2B_DATA extra = {};
    if (extra_data.size() > kMaxExtra || !internal::fill(extra.size, extra.buffer, extra_data))
        return fail(ErrorKind::invalid_input, "tpm2.extra_data", "a quote takes at most 32 bytes of extra data");
    TRY(const TPML_PCR_SELECTION wanted, internal::to_tpm(selection));
    for (int i = 0; i < kAttempts; ++i) {
        TRY(PcrValues values, read_pcrs(selection));
        TRY(Signed answer, sign(context_->get(), ak, wanted, extra));
        TRY_OK(check_own(answer.parsed, wanted, extra_data));
        const auto& covered = answer.parsed.attested.quote.pcrDigest;
        if (!std::ranges::equal(digest_of(values), ByteView(covered.buffer, covered.size))) continue;  // extended in between
        return attest::TpmEvidence{std::move(answer.attest), std::move(answer.signature), ak.public_area(), selection.bank,
                                   std::move(values)};
    }
    return raced();
}

Status Tpm::extend(attest::HashAlgorithm bank, std::uint32_t index, ByteView digest)
{
    TRY_OK(internal::to_tpm({bank, {index}}));
    if (!attest::is_strong(bank) || digest.size() != attest::digest_size(bank))
        return fail(ErrorKind::invalid_input, "tpm2.selection",
                    "a bank of SHA-256 or better is extended with a digest of its own size");
    TPML_DIGEST_VALUES values = {};
    values.count = 1;
    values.digests[0].hashAlg = internal::alg_id(bank);
    copy_bytes(digest, {reinterpret_cast<std::uint8_t*>(&values.digests[0].digest), sizeof values.digests[0].digest});
    return check(Esys_PCR_Extend(context_->get(), ESYS_TR_PCR0 + index, ESYS_TR_PASSWORD, kNone, kNone, &values),
                 "cannot extend register " + std::to_string(index));
}

}  // namespace iapp::tpm2
