// The seal room on a command line, for tests that compare it with other programs. Not a product: whole files in memory.
// usage: seal_tool VERB ARGS...; a bad call or a refusal prints "reason: detail" on stderr and exits 1.
#include <boost/json.hpp>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "base/hex.hpp"
#include "codec/base64.hpp"
#include "seal/age.hpp"
#include "seal/dataset_v1.hpp"
#include "seal/dataset_v2.hpp"
#include "seal/result.hpp"

namespace {

using namespace iapp;
namespace js = boost::json;
using Args = std::vector<std::string>;

constexpr std::size_t kMaxFile = std::size_t{1} << 30;

Result<Bytes> read_file(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file) return fail(ErrorKind::not_found, "tool.file", "cannot read " + path);
    return Bytes(std::istreambuf_iterator<char>(file), {});
}

Status write_file(const std::string& path, ByteView bytes)
{
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return file.flush() ? Status{} : fail(ErrorKind::unavailable, "tool.file", "cannot write " + path);
}

/// A key file as the SMS holds it: padded Base64 of 32 bytes.
Result<crypto::SecretBytes> read_key(const std::string& path)
{
    TRY(const Bytes text, read_file(path));
    TRY(Bytes key, codec::parse_base64(as_text(text)));
    return crypto::SecretBytes(std::move(key));
}

/// An object with tagged values: {"n":{"i128":"-1"},"sub":{"object":{...}},"raw":{"bytes":"<hex>"}}
Result<seal::DatasetObject> read_object(const js::object& json);

Result<seal::DatasetValue> read_value(const js::object& tagged)
{
    const auto& [tag, value] = *tagged.begin();
    if (tag == "bool") return seal::DatasetValue(value.as_bool());
    if (tag == "f64") return seal::DatasetValue(value.to_number<double>());
    if (tag == "string") return seal::DatasetValue(std::string(value.as_string()));
    if (tag == "i128") {
        const std::string digits(value.as_string());
        const bool negative = digits.starts_with('-');
        seal::Int128 number = 0;
        for (const char c : digits.substr(negative ? 1 : 0)) number = number * 10 + (negative ? '0' - c : c - '0');
        return seal::DatasetValue(number);
    }
    if (tag == "bytes") {
        TRY(Bytes bytes, parse_hex(std::string_view(value.as_string())));
        return seal::DatasetValue(std::move(bytes));
    }
    TRY(seal::DatasetObject nested, read_object(value.as_object()));
    return seal::DatasetValue(std::move(nested));
}

Result<seal::DatasetObject> read_object(const js::object& json)
{
    seal::DatasetObject out;
    for (const auto& member : json) {
        TRY(seal::DatasetValue value, read_value(member.value().as_object()));
        out.fields.push_back({std::string(member.key()), std::move(value)});
    }
    return out;
}

Result<seal::DatasetObject> read_object_file(const std::string& path)
{
    TRY(const Bytes text, read_file(path));
    return read_object(js::parse(as_text(text)).as_object());
}

Status print_entry(const codec::ZipEntry& entry, ByteView content, std::map<std::string, Bytes>& seen)
{
    append(seen[entry.path + (entry.directory ? "/" : "")], content);
    return {};
}

Status print_entries(const std::map<std::string, Bytes>& seen)
{
    js::object out;
    for (const auto& [path, content] : seen) out[path] = hex(content);
    std::cout << js::serialize(out) << "\n";
    return {};
}

Status seal_object(const Args& args)
{
    TRY(const auto key, read_key(args[0]));
    TRY(const auto object, read_object_file(args[1]));
    Bytes sealed;
    TRY(const seal::SealedV1 report, seal::seal_object_v1(object, key, codec::append_to(sealed, kMaxFile)));
    std::cout << report.checksum.hex() << "\n" << seal::schema_json(object) << "\n";
    return write_file(args[2], sealed);
}

Status seal_raw(const Args& args)
{
    TRY(const auto key, read_key(args[0]));
    TRY(const Bytes plaintext, read_file(args[1]));
    Bytes sealed;
    TRY(const seal::SealedV1 report, seal::seal_v1(codec::byte_source(plaintext), key, codec::append_to(sealed, kMaxFile)));
    std::cout << report.checksum.hex() << "\n";
    return write_file(args[2], sealed);
}

Status open_raw(const Args& args)
{
    TRY(const auto key, read_key(args[0]));
    TRY(const Hash256 checksum, Hash256::from_hex(args[1]));
    TRY(const Bytes sealed, read_file(args[2]));
    Bytes plaintext;
    TRY_OK(seal::open_v1(codec::random_source(sealed), key, checksum, codec::append_to(plaintext, kMaxFile)));
    return write_file(args[3], plaintext);
}

Status open_object(const Args& args)
{
    TRY(const auto key, read_key(args[0]));
    TRY(const Hash256 checksum, Hash256::from_hex(args[1]));
    TRY(const Bytes sealed, read_file(args[2]));
    std::map<std::string, Bytes> seen;
    TRY_OK(seal::open_object_v1(
        codec::random_source(sealed), key, checksum,
        [&](const codec::ZipEntry& entry, ByteView content) { return print_entry(entry, content, seen); }));
    return print_entries(seen);
}

Status list_archive(const Args& args)
{
    TRY(const Bytes archive, read_file(args[0]));
    std::map<std::string, Bytes> seen;
    TRY_OK(seal::read_entries(codec::random_source(archive), [&](const codec::ZipEntry& entry, ByteView content) {
        return print_entry(entry, content, seen);
    }));
    return print_entries(seen);
}

Status schema(const Args& args)
{
    TRY(const auto object, read_object_file(args[0]));
    TRY_OK(seal::check_object(object));
    std::cout << seal::schema_json(object) << "\n";
    return {};
}

/// One hex line in, one mime type out.
Status mime(const Args&)
{
    for (std::string line; std::getline(std::cin, line);) {
        TRY(const Bytes head, parse_hex(line));
        std::cout << seal::detect_mime(head) << "\n";
    }
    return {};
}

Status age_seal(const Args& args)
{
    TRY(const auto recipient, seal::AgeRecipient::parse(args[0]));
    TRY(const Bytes plaintext, read_file(args[1]));
    Bytes sealed;
    TRY_OK(seal::seal_age(codec::byte_source(plaintext), {recipient}, codec::append_to(sealed, kMaxFile)));
    return write_file(args[2], sealed);
}

Status age_open(const Args& args)
{
    TRY(Bytes text, read_file(args[0]));
    TRY(const auto identity, seal::AgeIdentity::parse(crypto::SecretBytes(std::move(text))));
    TRY(const Bytes sealed, read_file(args[1]));
    Bytes plaintext;
    TRY_OK(seal::open_age(codec::byte_source(sealed), identity, codec::append_to(plaintext, kMaxFile)));
    return write_file(args[2], plaintext);
}

/// An archive of one file, result.txt, sealed for the RSA key.
Status rsa_seal(const Args& args)
{
    TRY(const Bytes pem, read_file(args[0]));
    TRY(const Bytes content, read_file(args[1]));
    Bytes archive;
    TRY_OK(seal::write_result({{"result.txt", content.size(), codec::byte_source(content)}},
                              codec::append_to(archive, kMaxFile)));
    Bytes sealed;
    TRY_OK(seal::seal_result_rsa(codec::random_source(archive), as_text(pem), codec::append_to(sealed, kMaxFile)));
    return write_file(args[2], sealed);
}

struct Verb {
    std::string_view name;
    std::size_t args;
    Status (*run)(const Args&);
};
constexpr Verb kVerbs[] = {{"seal-v1", 3, seal_raw},
                           {"open-v1", 4, open_raw},
                           {"seal-object-v1", 3, seal_object},
                           {"open-object-v1", 3, open_object},
                           {"list", 1, list_archive},
                           {"schema", 1, schema},
                           {"mime", 0, mime},
                           {"age-seal", 3, age_seal},
                           {"age-open", 3, age_open},
                           {"rsa-seal", 3, rsa_seal}};

Status run(const Args& all)
{
    for (const Verb& verb : kVerbs)
        if (!all.empty() && all[0] == verb.name && all.size() == verb.args + 1)
            return verb.run(Args(all.begin() + 1, all.end()));
    return fail(ErrorKind::invalid_input, "tool.usage", "no such verb, or another number of arguments");
}

}  // namespace

int main(int argc, char** argv)
{
    const iapp::Status status = run(Args(argv + 1, argv + argc));
    if (!status) std::cerr << status.error().reason << ": " << status.error().detail << "\n";
    return status ? 0 : 1;
}
