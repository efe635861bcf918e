// iapp protect: seal, upload, register on chain, hand the key to the secret service. The clear data never leaves this
// process.
#include <iostream>
#include <iterator>
#include <thread>

#include "byte_pipe.hpp"
#include "codec/base64.hpp"
#include "codec/multiaddr.hpp"
#include "commands.hpp"
#include "crypto/random.hpp"
#include "poco/events.hpp"
#include "poco/registry.hpp"
#include "protect_input.hpp"
#include "seal/dataset_v1.hpp"
#include "seal/dataset_v2.hpp"
#include "sms_client.hpp"

namespace iapp::cli {
namespace {

struct Sealed {
    Hash256 checksum;
    std::uint64_t size_bytes;
};

struct Stored {
    Sealed sealed;
    std::string cid;
};

Result<seal::DatasetObject> read_input(const Arguments& arguments)
{
    if (const auto file = arguments.find("--object")) {
        if (*file == "-") return object_of_json(std::string{std::istreambuf_iterator<char>(std::cin), {}});
        TRY(const auto text, read_file(*file));
        return object_of_json(text);
    }
    if (!arguments.has("PATH")) return fail(ErrorKind::invalid_input, "protect.input", "nothing to protect was named");
    return object_of_path(arguments.get("PATH"));
}

Result<Sealed> seal_object(const seal::DatasetObject& object, bool v1, const crypto::SecretBytes& key,
                           const codec::ByteSink& sink)
{
    if (v1) {
        TRY(const auto sealed, seal::seal_object_v1(object, key, sink));
        return Sealed{sealed.checksum, sealed.size_bytes};
    }
    seal::V2Options options;
    options.threads = std::max(1U, std::thread::hardware_concurrency());
    TRY(const auto sealed, seal::seal_object_v2(object, key, sink, options));
    return Sealed{*sealed.checksum, sealed.size_bytes};
}

/// Seals in one thread and uploads in this one, so neither file nor memory ever holds the whole.
Result<Stored> seal_and_upload(const Session& session, const seal::DatasetObject& object, bool v1,
                               const crypto::SecretBytes& key, Phases& phases)
{
    BytePipe pipe;
    std::optional<Result<Sealed>> sealed;
    const std::uint64_t total = content_bytes(object);
    std::uint64_t done = 0;
    const auto counting = [&, write = pipe.sink()](ByteView bytes) {
        phases.progress(done += bytes.size(), total);
        return write(bytes);
    };
    std::jthread sealing([&] {
        sealed = seal_object(object, v1, key, counting);
        pipe.close(*sealed ? Status{} : Status(std::unexpected(sealed->error())));
    });
    auto cid = session.blobs.add(pipe, session.call(std::chrono::hours(24)));
    if (!cid) pipe.abandon();
    sealing.join();
    if (sealed && !*sealed && sealed->error().reason != "pipe.reader_gone") return std::unexpected(sealed->error());
    if (!cid) return std::unexpected(cid.error());
    return Stored{**sealed, *std::move(cid)};
}

Result<eth::Address> register_dataset(Session& session, const std::string& name, const std::string& schema,
                                      const Stored& stored)
{
    TRY(auto multiaddr, codec::encode_multiaddr("/ipfs/" + stored.cid));
    const poco::DatasetEntry entry{session.me(), name, std::move(multiaddr), stored.sealed.checksum};
    TRY(const auto receipt, session.sender().send({session.network.contracts.dataprotector,
                                                   poco::call::create_dataset_with_schema(entry, schema)},
                                                  session.call(std::chrono::minutes(2))));
    for (const eth::Log& log : receipt.logs) {
        const auto event = poco::DatasetSchema::decode(log);
        if (event && log.address == session.network.contracts.dataprotector) return event->dataset;
    }
    return fail(ErrorKind::corrupt, "protect.event",
                "the transaction succeeded but announced no dataset; is the DataProtector address right?");
}

/// v2 is ours: only our agents open it.
Result<std::string> format_for(const wire::Network& network, const Arguments& arguments)
{
    const std::string format = arguments.get("--format", network.trust ? "v2" : "v1");
    if (format != "v1" && format != "v2") return fail(ErrorKind::invalid_input, "protect.format", "--format is v1 or v2");
    if (format == "v2") TRY_OK(wire::get_trust(network));
    return format;
}

crypto::SecretBytes key_text(const crypto::SecretBytes& key)
{
    return crypto::SecretBytes(to_bytes(codec::base64(key.reveal(crypto::SecretAccess{}))));
}

Answer describe(const eth::Address& dataset, const std::string& name, const std::string& schema, const Stored& stored)
{
    const std::string address = eth::to_checksum(dataset);
    return {{{"dataset", address},
             {"name", name},
             {"dataSchema", schema},
             {"size", stored.sealed.size_bytes},
             {"checksum", stored.sealed.checksum.hex()},
             {"multiaddr", "/ipfs/" + stored.cid}},
            "dataset   " + address + "\nsize      " + std::to_string(stored.sealed.size_bytes) +
                " bytes sealed\nschema    " + schema + "\nchecksum  " + stored.sealed.checksum.hex() + "\nstored at /ipfs/" +
                stored.cid + "\nnext      iapp grant " + address + " --app APP --user REQUESTER\n"};
}

}  // namespace

Result<Answer> run_protect(const Arguments& arguments, Context& context)
{
    TRY(auto session, Session::open_signed(context));
    TRY(const auto format, format_for(session->network, arguments));
    TRY(const auto object, read_input(arguments));
    TRY_OK(seal::check_object(object));
    const std::string schema = seal::schema_json(object);
    const std::string name = arguments.get("--name");
    const auto key = crypto::random_secret(32);

    context.phases.start("seal and upload");
    TRY(const auto stored, seal_and_upload(*session, object, format == "v1", key, context.phases));
    context.phases.start("register on chain");
    TRY(const auto dataset, register_dataset(*session, name, schema, stored));
    context.phases.start("hand over the key");
    TRY_OK(push_dataset_key(*session, dataset, key_text(key)));
    context.phases.finish();
    return describe(dataset, name, schema, stored);
}

}  // namespace iapp::cli
