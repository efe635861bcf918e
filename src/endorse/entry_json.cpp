#include "endorse/internal/entry_json.hpp"

#include <algorithm>

#include "attest/json_forms.hpp"

namespace iapp::endorse {
namespace {

constexpr std::string_view kIntel = "intel";
constexpr std::string_view kVcek = "amd-vcek";
constexpr std::string_view kAmdIssuer = "amd-issuer";

/// The value whose name is `text`, among all of its kind.
template <class Enum>
Result<Enum> named(const json::ObjectReader& in, std::string_view member, std::initializer_list<Enum> all,
                   std::string_view (*name_of)(Enum) = name)
{
    TRY(const std::string_view text, in.text(member));
    const auto found = std::ranges::find_if(all, [&](Enum value) { return name_of(value) == text; });
    if (found == all.end())
        return fail(ErrorKind::invalid_input, "endorse.bundle",
                    in.path() + "." + std::string(member) + " has no such value: " + std::string(text));
    return *found;
}

Result<Bytes> digits(const json::ObjectReader& in, std::string_view member)
{
    TRY(const std::string_view text, in.text(member));
    return parse_hex(text);
}

template <class Id>
Result<Id> id(const json::ObjectReader& in, std::string_view member)
{
    TRY(const Bytes bytes, digits(in, member));
    return Id::from_bytes(bytes);
}

using Tcb = FixedBytes<8, struct ReportedTcbTag>;

Result<SnpProduct> product(const json::ObjectReader& in)
{
    return named(in, "product", {SnpProduct::milan, SnpProduct::genoa, SnpProduct::turin}, attest::name);
}

Result<std::string> text(const json::ObjectReader& in, std::string_view member)
{
    TRY(const std::string_view value, in.text(member));
    return std::string(value);
}

Result<Entry> intel_from_json(const json::ObjectReader& in)
{
    TRY_OK(in.only({"kind", "tee", "fmspc", "ca", "collateral"}));
    TRY(const IntelTee tee, named(in, "tee", {IntelTee::sgx, IntelTee::tdx}));
    TRY(const attest::Fmspc fmspc, id<attest::Fmspc>(in, "fmspc"));
    TRY(const PckCa ca, named(in, "ca", {PckCa::processor, PckCa::platform}));
    TRY(const json::Value* value, in.value("collateral"));
    TRY(attest::Collateral collateral, attest::collateral_from_json(*value));
    return Entry(IntelEntry{{tee, fmspc, ca}, std::move(collateral)});
}

Result<Entry> vcek_from_json(const json::ObjectReader& in)
{
    TRY_OK(in.only({"kind", "product", "chip_id", "tcb", "vek", "cert_chain"}));
    TRY(const SnpProduct line, product(in));
    TRY(const SnpChipId chip, id<SnpChipId>(in, "chip_id"));
    TRY(const Tcb tcb, id<Tcb>(in, "tcb"));
    TRY(Bytes vek, digits(in, "vek"));
    TRY(std::string chain, text(in, "cert_chain"));
    return Entry(VcekEntry{{line, chip, tcb.array()}, std::move(vek), std::move(chain)});
}

Result<Entry> issuer_from_json(const json::ObjectReader& in)
{
    TRY_OK(in.only({"kind", "product", "key", "cert_chain", "crl"}));
    TRY(const SnpProduct line, product(in));
    TRY(const VekKind kind, named(in, "key", {VekKind::vcek, VekKind::vlek}, path_name));
    TRY(std::string chain, text(in, "cert_chain"));
    TRY(Bytes crl, digits(in, "crl"));
    return Entry(AmdIssuerEntry{{line, kind}, std::move(chain), std::move(crl)});
}

json::Value form(const IntelEntry& e)
{
    return json::Object{{"kind", kIntel},
                        {"tee", name(e.key.tee)},
                        {"fmspc", hex(e.key.fmspc.bytes())},
                        {"ca", name(e.key.ca)},
                        {"collateral", attest::to_json(e.collateral)}};
}

json::Value form(const VcekEntry& e)
{
    return json::Object{
        {"kind", kVcek},     {"product", name(e.key.product)}, {"chip_id", hex(e.key.chip.bytes())}, {"tcb", hex(e.key.tcb)},
        {"vek", hex(e.vek)}, {"cert_chain", e.cert_chain}};
}

json::Value form(const AmdIssuerEntry& e)
{
    return json::Object{{"kind", kAmdIssuer},
                        {"product", name(e.key.product)},
                        {"key", path_name(e.key.kind)},
                        {"cert_chain", e.cert_chain},
                        {"crl", hex(e.crl)}};
}

}  // namespace

json::Value to_json(const Entry& entry)
{
    return std::visit([](const auto& e) { return form(e); }, entry);
}

Result<Entry> entry_from_json(const json::ObjectReader& in)
{
    TRY(const std::string_view kind, in.text("kind"));
    if (kind == kIntel) return intel_from_json(in);
    if (kind == kVcek) return vcek_from_json(in);
    if (kind == kAmdIssuer) return issuer_from_json(in);
    return fail(ErrorKind::invalid_input, "endorse.bundle", in.path() + ".kind has no such value: " + std::string(kind));
}

}  // namespace iapp::endorse
