// Contract ABI: the examples of its specification, encodings made by ethers 6, strictness of the reader, round trips.
#include "eth/abi.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "crypto/hash.hpp"

namespace iapp::eth {
namespace {

std::string_view reason(const auto& result) { return result ? std::string_view{} : result.error().reason; }

std::string word(std::uint64_t value) { return hex(U256{value}.be()); }

Address repeated(std::uint8_t byte)
{
    std::array<std::uint8_t, 20> raw;
    raw.fill(byte);
    return Address{raw};
}

TEST(AbiWriter, EncodesTheExampleOfTheSpecification)  // "sam(bytes,bool,uint256[])" with "dave", true and [1,2,3]
{
    const AbiWriter numbers[] = {AbiWriter{}.uint(1U), AbiWriter{}.uint(2U), AbiWriter{}.uint(3U)};
    const Bytes call =
        AbiWriter{}.bytes(as_bytes("dave")).boolean(true).array(numbers).call(selector("sam(bytes,bool,uint256[])"));
    EXPECT_EQ(hex(call), "a5643bf2" + word(0x60) + word(1) + word(0xa0) + word(4) + "64617665" + std::string(56, '0') +
                             word(3) + word(1) + word(2) + word(3));
}

TEST(AbiWriter, EncodesNestedTypesAsEthersDoes)
{
    const AbiWriter one_two[] = {AbiWriter{}.uint(1U), AbiWriter{}.uint(2U)};
    const AbiWriter three[] = {AbiWriter{}.uint(3U)};
    const AbiWriter lists[] = {AbiWriter{}.array(one_two), AbiWriter{}.array(three)};
    const AbiWriter strings[] = {AbiWriter{}.string("one"), AbiWriter{}.string("two"), AbiWriter{}.string("three")};
    EXPECT_EQ(crypto::keccak256(AbiWriter{}.array(lists).array(strings).encode()).hex(),
              "0x2ab88780b44a88709d98e7336171f499644d33bd6c08e278949572e01ec1d2a8");

    const AbiWriter dynamic[] = {AbiWriter{}.tuple(AbiWriter{}.uint(7U).string("x")),
                                 AbiWriter{}.tuple(AbiWriter{}.uint(8U).string("yz"))};
    const AbiWriter fixed[] = {AbiWriter{}.tuple(AbiWriter{}.address(repeated(0x11)).uint(5U)),
                               AbiWriter{}.tuple(AbiWriter{}.address(repeated(0x22)).uint(6U))};
    std::array<std::uint8_t, 32> ab;
    ab.fill(0xab);
    const AbiWriter inner = AbiWriter{}.bytes32(Hash256{ab}).tuple(AbiWriter{}.uint(9U).bytes(Bytes{1, 2}));
    EXPECT_EQ(crypto::keccak256(AbiWriter{}.array(dynamic).array(fixed).tuple(inner).encode()).hex(),
              "0x7a51630c7bd2faeaa90976fdb3adad153b849c2a5e06f8f03bf6f1186fd7f224");
}

TEST(AbiReader, ReadsBackEveryType)
{
    const AbiWriter numbers[] = {AbiWriter{}.uint(1U), AbiWriter{}.uint(2U)};
    const Bytes data = AbiWriter{}
                           .uint(U256::max())
                           .boolean(true)
                           .address(repeated(7))
                           .bytes32(Hash256::zero())
                           .string("text")
                           .array(numbers)
                           .tuple(AbiWriter{}.uint(3U).bytes(Bytes{9}))
                           .encode();
    AbiReader reader(data);
    EXPECT_EQ(*reader.uint(), U256::max());
    EXPECT_TRUE(*reader.boolean());
    EXPECT_EQ(*reader.address(), repeated(7));
    EXPECT_EQ(*reader.bytes32(), Hash256::zero());
    EXPECT_EQ(*reader.string(), "text");
    auto array = reader.array();
    EXPECT_EQ(array->length, 2U);
    EXPECT_EQ(*array->items.uint64(), 1U);
    EXPECT_EQ(*array->items.uint64(), 2U);
    auto tuple = reader.dynamic_tuple();
    EXPECT_EQ(*tuple->uint64(), 3U);
    EXPECT_TRUE(std::ranges::equal(*tuple->bytes(), Bytes{9}));
}

struct Case {
    const char* name;
    std::string words;
    Status (*read)(AbiReader&);
    std::string_view reason;
};

template <auto Member>
Status read(AbiReader& reader)
{
    const auto value = (reader.*Member)();
    if (!value) return std::unexpected(value.error());
    return {};
}
Status read_array(AbiReader& reader)
{
    const auto value = reader.array();
    if (!value) return std::unexpected(value.error());
    return {};
}

TEST(AbiReader, NamesTheBrokenRule)
{
    const std::string ones(64, 'f');
    const Case cases[] = {
        {"empty", "", read<&AbiReader::uint>, "abi.truncated"},
        {"31 bytes", word(1).substr(2), read<&AbiReader::uint>, "abi.truncated"},
        {"uint64 too large", word(1).replace(40, 1, "1"), read<&AbiReader::uint64>, "abi.range"},
        {"bool of 2", word(2), read<&AbiReader::boolean>, "abi.range"},
        {"dirty address", ones, read<&AbiReader::address>, "abi.padding"},
        {"offset behind the end", word(0x21), read<&AbiReader::bytes>, "abi.offset"},
        {"offset of 2^256-1", ones, read<&AbiReader::bytes>, "abi.range"},
        {"offset at the end", word(0x20), read<&AbiReader::bytes>, "abi.truncated"},
        {"length one more than there is", word(0x20) + word(1), read<&AbiReader::bytes>, "abi.length"},
        {"length of 2^64-1", word(0x20) + word(~0ULL), read<&AbiReader::bytes>, "abi.length"},
        {"length of 2^256-1", word(0x20) + ones, read<&AbiReader::bytes>, "abi.range"},
        {"array longer than its bytes", word(0x20) + word(2) + word(0), read_array, "abi.length"},
        {"array of 2^63", word(0x20) + word(1ULL << 63U) + word(0), read_array, "abi.length"},
        {"tuple offset outside", word(0x40), read<&AbiReader::dynamic_tuple>, "abi.offset"},
        {"offset to itself is inside", word(0), read<&AbiReader::bytes>, ""},
    };
    for (const auto& test : cases) {
        const Bytes data = *parse_hex(test.words);
        AbiReader reader(data);
        EXPECT_EQ(reason(test.read(reader)), test.reason) << test.name;
    }
}

TEST(AbiReader, RoundTripsAnyTuple)
{
    EXPECT_TRUE(rc::check(
        [](const Bytes& bytes, const std::string& text, std::uint64_t number, const std::vector<std::string>& list) {
            std::vector<AbiWriter> elements;
            elements.reserve(list.size());
            for (const auto& element : list) elements.push_back(AbiWriter{}.string(element));
            const Bytes data = AbiWriter{}.bytes(bytes).uint(number).array(elements).string(text).encode();
            RC_ASSERT(data.size() % 32 == 0U);
            AbiReader reader(data);
            RC_ASSERT(std::ranges::equal(*reader.bytes(), bytes));
            RC_ASSERT(*reader.uint64() == number);
            auto array = reader.array();
            RC_ASSERT(array->length == list.size());
            for (const auto& element : list) RC_ASSERT(*array->items.string() == element);
            RC_ASSERT(*reader.string() == text);
        }));
}

TEST(RevertReason, PrintsWhatTheContractSaid)
{
    const auto with = [](std::string_view signature, const AbiWriter& arguments) {
        return arguments.call(selector(signature));
    };
    EXPECT_EQ(revert_reason(with("Error(string)", AbiWriter{}.string("iExecV5-matchOrders-0x05"))),
              "iExecV5-matchOrders-0x05");
    EXPECT_EQ(revert_reason(with("IncompatibleDatasetOrder(string)", AbiWriter{}.string("Deal not found"))),
              "IncompatibleDatasetOrder: Deal not found");
    EXPECT_EQ(revert_reason(with("Panic(uint256)", AbiWriter{}.uint(0x11U))), "panic 0x11 (arithmetic overflow)");
    EXPECT_EQ(revert_reason(with("UnsupportedOperation(bytes4)", AbiWriter{}.bytes4(selector("matchOrders()")))),
              "UnsupportedOperation: " + hex0x(selector("matchOrders()").bytes()));
    EXPECT_EQ(revert_reason(with("OperationFailed()", {})), "OperationFailed");
    EXPECT_EQ(revert_reason(with("CallerIsNotTheRequester()", {})), "CallerIsNotTheRequester");
    EXPECT_EQ(revert_reason(with("FunctionNotFound(bytes4)", AbiWriter{}.bytes4(selector("f()")))),
              "FunctionNotFound: " + hex0x(selector("f()").bytes()));
    EXPECT_EQ(revert_reason(selector("UnsupportedOperation(bytes4)").bytes()),
              hex0x(selector("UnsupportedOperation(bytes4)").bytes()));
    EXPECT_EQ(revert_reason({}), "");
    EXPECT_EQ(revert_reason(Bytes{1, 2, 3, 4, 5}), "0x0102030405");
    EXPECT_EQ(revert_reason(with("Error(string)", AbiWriter{}.uint(0xffffU))).substr(0, 10), "0x08c379a0");
    EXPECT_EQ(selector("IncompatibleDatasetOrder(string)").hex(), "0x0afd9382");
}

}  // namespace
}  // namespace iapp::eth
