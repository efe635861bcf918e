#include "endorse/entry.hpp"

#include <algorithm>

namespace iapp::endorse {
namespace {

template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};

bool is_lower(const Bytes& a, const Bytes& b)
{
    return a.size() != b.size() ? a.size() < b.size() : std::ranges::lexicographical_compare(a, b);
}

}  // namespace

std::string_view name(IntelTee tee) { return tee == IntelTee::sgx ? "sgx" : "tdx"; }
std::string_view name(PckCa ca) { return ca == PckCa::processor ? "processor" : "platform"; }
std::string_view path_name(VekKind kind) { return kind == VekKind::vcek ? "vcek" : "vlek"; }

std::string text(const Key& key)
{
    const auto join = [](std::initializer_list<std::string_view> words) {
        std::string out;
        for (const std::string_view word : words) (out += out.empty() ? "" : "-") += word;
        return out;
    };
    return std::visit(Overloaded{
                          [&](const IntelKey& k) {
                              return join({"intel", name(k.tee), hex(k.fmspc.bytes()), name(k.ca)});
                          },
                          [&](const VcekKey& k) {
                              return join({"amd-vcek", name(k.product), hex(k.chip.bytes()), hex(k.tcb)});
                          },
                          [&](const AmdIssuerKey& k) {
                              return join({"amd-issuer", name(k.product), path_name(k.kind)});
                          },
                      },
                      key);
}

Key key_of(const Entry& entry)
{
    return std::visit([](const auto& e) { return Key(e.key); }, entry);
}

std::optional<std::string> first_lower(const Numbers& numbers, const Numbers& floors)
{
    for (const auto& [name, floor] : floors) {
        const auto found = numbers.find(name);
        if (is_lower(found == numbers.end() ? Bytes{} : found->second, floor)) return name;
    }
    return std::nullopt;
}

}  // namespace iapp::endorse
