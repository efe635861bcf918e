// Changes that need no key.
#include "cases.hpp"

namespace iapp::differential {
namespace {

using attest::Collateral;
using std::chrono::days;
using std::chrono::seconds;
using test::IntelLayout;

constexpr std::array<std::uint8_t, 32> kOrder{0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
                                              0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
                                              0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

void write_header(const Writer& writer)
{
    const auto set = [&](const std::string& name, std::size_t at, std::uint64_t value, unsigned size) {
        writer.quote(name, [=](Bytes& quote) { test::put_little_endian(quote, at, value, size); });
    };
    for (const unsigned version : {0U, 2U, 6U, 0xffffU}) set("header_version_" + std::to_string(version), 0, version, 2);
    set("header_key_type", 2, 3, 2);
    set("header_tee_type_82", 4, 0x82, 4);
    set("header_tee_type_other", 4, writer.base().kind == attest::EvidenceKind::tdx ? 0 : 0x81, 4);
    set("header_vendor", 12, 0, 8);
    if (writer.base().quote[0] != 5) return;
    for (const unsigned type : {0U, 1U, 2U, 3U, 4U})
        if (type != writer.base().quote[48]) set("body_type_" + std::to_string(type), 48, type, 2);
    for (const std::uint32_t size : {0U, 583U, 649U, 0xffffffffU}) set("body_size_" + std::to_string(size), 50, size, 4);
}

void write_signatures(const Writer& writer, const IntelLayout& at)
{
    for (const auto& [what, where] :
         {std::pair{std::string("quote"), at.signature()}, std::pair{std::string("qe"), at.qe_signature()}}) {
        const std::string prefix = what + "_signature_";
        const auto set = [&](std::string_view name, std::size_t part, ByteView value) {
            writer.quote(std::string(prefix).append(name),
                         [&](Bytes& quote) { std::ranges::copy(value, quote.begin() + std::ptrdiff_t(where + part)); });
        };
        set("zero", 0, Bytes(64));
        set("r_zero", 0, Bytes(32));
        set("s_zero", 32, Bytes(32));
        set("r_order", 0, kOrder);
        set("s_order", 32, kOrder);
        set("r_ones", 0, Bytes(32, 0xff));
        set("s_ones", 32, Bytes(32, 0xff));
        writer.quote(prefix + "twin", [&](Bytes& quote) { test::turn_into_twin(quote, where); });
    }
    writer.quote("key_zero", [&](Bytes& q) { test::put_little_endian(q, at.attestation_key(), 0, 8); });
    writer.quote("qe_report_data", [&](Bytes& q) { q[at.qe + 320] ^= 1; });
    writer.quote("qe_report_mrsigner", [&](Bytes& q) { q[at.qe + 128] ^= 1; });
}

void write_lengths(const Writer& writer, const IntelLayout& at)
{
    struct Field {
        std::string name;
        std::size_t offset;
        unsigned size;
    };
    std::vector<Field> fields{
        {"auth_size", at.auth_size, 4}, {"qe_auth_size", at.qe_auth_size(), 2}, {"certificates_size", at.inner_size(), 4}};
    if (at.nested) fields.push_back({"qe_data_size", at.outer_size(), 4});
    for (const Field& field : fields) {
        const std::uint64_t right = test::get_little_endian(writer.base().quote, field.offset, field.size);
        for (const std::uint64_t wrong : {std::uint64_t{0}, std::uint64_t{1}, right - 1, right + 1,
                                          std::uint64_t{0x7fffffff}, std::uint64_t{0x80000000}, std::uint64_t{0xffffffff}})
            for (const std::size_t padding : {0U, 1U})
                writer.quote("length_" + field.name +
                                 (wrong == right - 1   ? "_less"
                                  : wrong == right + 1 ? "_more"
                                                       : "_" + std::to_string(wrong)) +
                                 (padding != 0 ? "_padded" : ""),
                             [&](Bytes& quote) {
                                 test::put_little_endian(quote, field.offset, wrong, field.size);
                                 quote.resize(quote.size() + padding);
                             });
    }
    for (const std::uint16_t type : {0, 1, 2, 3, 4, 6, 7})
        writer.quote("inner_type_" + std::to_string(type),
                     [&](Bytes& q) { test::put_little_endian(q, at.inner_type(), type, 2); });
    if (at.nested) writer.quote("outer_type_5", [&](Bytes& q) { test::put_little_endian(q, at.qe - 6, 5, 2); });
}

void write_sizes(const Writer& writer, const IntelLayout& at)
{
    const std::size_t whole = writer.base().quote.size();
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{47}, std::size_t{48}, at.auth_size,
                                   at.auth_size + 3, at.auth_size + 4, at.attestation_key(), at.qe, at.qe_signature(),
                                   at.qe_auth_size(), at.inner_type(), at.inner_size(), at.certificates(), whole - 1})
        writer.quote("cut_at_" + std::to_string(size), [&](Bytes& quote) { quote.resize(size); });
    writer.quote("followed_by_zeros", [](Bytes& quote) { quote.resize(quote.size() + 70); });
    writer.quote("followed_by_text", [](Bytes& quote) { append(quote, as_bytes("text")); });
    writer.quote("followed_by_too_many_zeros", [](Bytes& quote) { quote.resize(attest::kMaxQuoteSize + 1); });
}

/// The certificates of a text, each as PEM.
std::vector<std::string> split(std::string_view pem)
{
    std::vector<std::string> out;
    constexpr std::string_view kBegin = "-----BEGIN";
    for (std::size_t at = pem.find(kBegin); at != std::string_view::npos;) {
        const std::size_t next = pem.find(kBegin, at + 1);
        out.emplace_back(pem.substr(at, next - at));
        if (next == std::string_view::npos)
            while (!out.back().empty() && out.back().back() == '\0') out.back().pop_back();
        at = next;
    }
    return out;
}

using Chain = std::vector<std::string>;

std::string join(const Chain& chain)
{
    std::string out;
    for (const std::string& one : chain) out += one + (one.ends_with('\n') ? "" : "\n");
    return out;
}

/// What may be done to a chain, whoever carries it.
void write_chain(const std::string& prefix, const Chain& good, const std::string& stranger,
                 const std::function<void(const std::string&, const std::string&)>& write)
{
    const auto say = [&](const std::string& name, const Chain& chain) { write(prefix + name, join(chain)); };
    say("_reversed", {good.rbegin(), good.rend()});
    say("_without_root", {good.begin(), good.end() - 1});
    say("_leaf_only", {good.front()});
    say("_root_only", {good.back()});
    say("_empty", {});
    Chain more = good;
    more.push_back(good.back());
    say("_root_twice", more);
    more = good;
    more.insert(more.begin() + 1, stranger);
    say("_stranger_inside", more);
    more = good;
    more.push_back(stranger);
    say("_stranger_at_the_end", more);
    more = good;
    more.front() = good.size() > 2 ? good[1] : good.back();
    say("_ca_as_leaf", more);
    write(prefix + "_text_before", "text\n" + join(good));
}

void set_certificates(Bytes& quote, const IntelLayout& at, std::string_view text)
{
    quote.resize(at.certificates());
    append(quote, as_bytes(text));
    test::put_little_endian(quote, at.inner_size(), text.size(), 4);
    if (at.nested) test::put_little_endian(quote, at.outer_size(), quote.size() - at.qe, 4);
    test::put_little_endian(quote, at.auth_size, quote.size() - at.signature(), 4);
}

void write_chains(const Writer& writer, const IntelLayout& at)
{
    const auto quote = attest::parse_intel_quote(writer.base().quote);
    const Collateral& given = writer.base().collateral;
    const Chain pck = split(quote->pck_chain_pem), signer = split(given.tcb_info_issuer_chain);
    const auto in_quote = [&](const std::string& name, const std::string& text) {
        writer.quote(name, [&](Bytes& bytes) { set_certificates(bytes, at, text); });
    };
    write_chain("pck_chain", pck, signer.front(), in_quote);
    in_quote("pck_chain_nul", join(pck) + '\0');
    in_quote("pck_chain_two_nuls", join(pck) + std::string(2, '\0'));
    write_chain("tcb_chain", signer, pck[1], [&](const std::string& name, const std::string& text) {
        writer.collateral(name, [&](Collateral& c) { c.tcb_info_issuer_chain = text; });
    });
    write_chain("qe_chain", signer, pck[1], [&](const std::string& name, const std::string& text) {
        writer.collateral(name, [&](Collateral& c) { c.qe_identity_issuer_chain = text; });
    });
    const Chain issuer = split(given.pck_crl_issuer_chain);
    if (issuer.empty()) return;
    write_chain("crl_chain", issuer, signer.front(), [&](const std::string& name, const std::string& text) {
        writer.collateral(name, [&](Collateral& c) { c.pck_crl_issuer_chain = text; });
    });
    writer.collateral("pck_chain_beside_the_quote", [&](Collateral& c) { c.pck_certificate_chain = join(pck); });
}

void replace(std::string& text, std::string_view from, std::string_view to)
{
    const auto at = text.find(from);
    if (at == std::string::npos) throw std::runtime_error("no " + std::string(from));
    text.replace(at, from.size(), to);
}

void write_collateral(const Writer& writer)
{
    using C = Collateral;
    const auto say = [&](const std::string& name, const std::function<void(C&)>& bend) { writer.collateral(name, bend); };
    say("tcb_signature_zero", [](C& c) { c.tcb_info_signature.assign(64, 0); });
    say("tcb_signature_bit", [](C& c) { c.tcb_info_signature.back() ^= 1; });
    say("tcb_signature_short", [](C& c) { c.tcb_info_signature.pop_back(); });
    say("tcb_signature_twin", [](C& c) { test::turn_into_twin(c.tcb_info_signature, 0); });
    say("tcb_status_unsigned", [](C& c) { replace(c.tcb_info, "OutOfDate", "UpToDate"); });
    say("tcb_space_unsigned", [](C& c) { c.tcb_info.insert(1, " "); });
    say("qe_identity_signature_zero", [](C& c) { c.qe_identity_signature.assign(64, 0); });
    say("qe_identity_signature_bit", [](C& c) { c.qe_identity_signature.back() ^= 1; });
    say("qe_identity_mrsigner_unsigned", [](C& c) { c.qe_identity[c.qe_identity.find("mrsigner") + 12] ^= 1; });
    say("qe_identity_is_tcb_info", [](C& c) {
        c.qe_identity = c.tcb_info;
        c.qe_identity_signature = c.tcb_info_signature;
    });
    say("tcb_info_is_qe_identity", [](C& c) {
        c.tcb_info = c.qe_identity;
        c.tcb_info_signature = c.qe_identity_signature;
    });
    say("pck_list_is_root_list", [](C& c) { c.pck_crl = c.root_ca_crl; });
    say("root_list_is_pck_list", [](C& c) { c.root_ca_crl = c.pck_crl; });
    say("lists_swapped", [](C& c) { std::swap(c.root_ca_crl, c.pck_crl); });
    say("pck_list_missing", [](C& c) { c.pck_crl.clear(); });
    say("root_list_missing", [](C& c) { c.root_ca_crl.clear(); });
    say("pck_list_garbage", [](C& c) { c.pck_crl = Bytes{0x30, 0x00}; });
    say("pck_list_bit", [](C& c) { c.pck_crl.back() ^= 1; });
    say("root_list_bit", [](C& c) { c.root_ca_crl.back() ^= 1; });
    say("pck_list_longer", [](C& c) { c.pck_crl.push_back(0); });
    say("signers_exchanged", [](C& c) { std::swap(c.tcb_info_issuer_chain, c.pck_crl_issuer_chain); });
}

void write_times(const Writer& writer)
{
    const Base& base = writer.base();
    writer.time("time_first_second", base.from);
    writer.time("time_last_second", base.to);
    writer.time("time_before", base.from - seconds(1));
    writer.time("time_after", base.to + seconds(1));
    writer.time("time_40_days_before", base.from - days(40));
    writer.time("time_2_years_before", base.from - days(730));
    writer.time("time_40_days_after", base.to + days(40));
    writer.time("time_40_years_after", base.to + days(365 * 40));
    writer.time("time_epoch", UnixSeconds{});
}

}  // namespace

void write_unsigned_mutants(const Writer& writer)
{
    const IntelLayout at = layout_of(writer.base().quote);
    write_header(writer);
    write_signatures(writer, at);
    write_lengths(writer, at);
    write_sizes(writer, at);
    write_chains(writer, at);
    write_collateral(writer);
    write_times(writer);
    const std::size_t step = writer.base().flip_step;
    for (std::size_t byte = 0; step != 0 && byte < at.certificates(); byte += step) writer.flip((8 * byte) + (byte % 8));
}

}  // namespace iapp::differential
