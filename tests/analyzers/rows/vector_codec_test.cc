// SPDX-License-Identifier: GPL-2.0-or-later
// Tests codec_table.cc, too.
#include "analyzers/vector_codec.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "analyzers/errors.h"
#include "analyzers/rows/first_pass.h"
#include "tests/support/dictionary.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

constexpr VectorCodec kAll[] = {VectorCodec::kFloat32, VectorCodec::kFloat16, VectorCodec::kInt8,
                                VectorCodec::kSignBits};

std::vector<float> round_trip(VectorCodec codec, const std::vector<float>& vector) {
  std::vector<float> back(vector.size());
  REQUIRE(decode_value(encode_value(codec, 0, vector), 0, back));
  return back;
}

}  // namespace

TEST_CASE("each codec gives back a vector within its rounding error") {
  test::Random random(11);
  for (const std::size_t d : {1, 7, 64, 129}) {
    const std::vector<float> unit = random.unit(d);
    CHECK(round_trip(VectorCodec::kFloat32, unit) == unit);
    const auto half = round_trip(VectorCodec::kFloat16, unit);
    const auto bytes = round_trip(VectorCodec::kInt8, unit);
    const auto signs = round_trip(VectorCodec::kSignBits, unit);
    const double mean = std::accumulate(unit.begin(), unit.end(), 0.0) / static_cast<double>(d);
    for (std::size_t i = 0; i < d; ++i) {
      CHECK(std::fabs(half[i] - unit[i]) <= std::fabs(unit[i]) / 2048 + 1e-7F);
      CHECK(std::fabs(bytes[i] - unit[i]) <= 0.5F / 127 + 1e-6F);
      CHECK((signs[i] > 0) == (static_cast<double>(unit[i]) > mean));
    }
    CHECK(std::fabs(dot(signs, signs) - 1) < 1e-5F);
  }
}

TEST_CASE("float16 rounds to nearest even and keeps what it can represent") {
  const std::vector<float> exact{0.0F, 1.0F, -2.0F, 0.5F, 65504.0F, 5.960464477539063e-8F};
  CHECK(round_trip(VectorCodec::kFloat16, exact) == exact);
  // Halfway between 1 and 1 + 2^-10: the even neighbour is 1; halfway to the next odd one goes up.
  CHECK(round_trip(VectorCodec::kFloat16, {1.0F + 0x1p-11F}) == std::vector<float>{1.0F});
  CHECK(round_trip(VectorCodec::kFloat16, {1.0F + 3 * 0x1p-11F}) == std::vector<float>{1.0F + 0x1p-9F});
}

TEST_CASE("a stored row has the documented length") {
  for (const VectorCodec codec : kAll)
    for (const std::size_t d : {1, 8, 9, 64})
      CHECK(encode_value(codec, 0, std::vector<float>(d, 0.5F)).size() == 1 + row_bytes(codec, d));
  CHECK(row_bytes(VectorCodec::kFloat16, 64) == 128);
  CHECK(row_bytes(VectorCodec::kSignBits, 65) == 9);
}

TEST_CASE("an empty value is no vector") {
  std::vector<float> out(4);
  CHECK_FALSE(decode_value("", 0, out));
}

TEST_CASE("a value of another generation, dimension or codec is refused by name") {
  const std::string value = encode_value(VectorCodec::kFloat16, 3, std::vector<float>(4, 0.5F));
  std::vector<float> out(4);
  CHECK(decode_value(value, 3, out));
  CHECK(decode_value(value, 19, out));  // generations are kept modulo 16
  CHECK_THROWS_WITH_AS(decode_value(value, 2, out), "stored vector: generation must be 2; was 3", DataError);
  std::vector<float> longer(5);
  CHECK_THROWS_AS(decode_value(value, 3, longer), DataError);
  for (std::size_t cut = 1; cut < value.size(); ++cut)
    CHECK_THROWS_AS(decode_value(value.substr(0, cut), 3, out), DataError);
  CHECK_THROWS_WITH_AS(decode_value("\x0f", 0, out), "stored vector: codec must be in [0, 3]; was 15", DataError);
}

TEST_CASE("codec names and codecs agree") {
  for (const VectorCodec codec : kAll) CHECK(codec_from_name(codec_name(codec)) == codec);
  CHECK_THROWS_AS(codec_from_name("float64"), InvalidArgument);
}

TEST_CASE("codecs have the numbers and names that they have always had") {
  const std::vector<std::string> before{"float32", "float16", "int8", "sign"};
  const auto names = codec_names();
  REQUIRE(names.size() >= before.size());
  CHECK(std::equal(before.begin(), before.end(), names.begin()));
  for (std::size_t i = 0; i < names.size(); ++i) {
    CHECK(static_cast<std::size_t>(codec_from_name(names[i])) == i);
    CHECK(std::count(names.begin(), names.end(), names[i]) == 1);
  }
}

TEST_CASE("dictionaries may have every codec but sign bits") {
  CHECK(dictionary_codec_names() == std::vector<std::string>{"float32", "float16", "int8"});
  for (const VectorCodec codec : kAll)
    CHECK(is_dictionary_codec(static_cast<std::uint32_t>(codec)) == (codec != VectorCodec::kSignBits));
  CHECK_FALSE(is_dictionary_codec(static_cast<std::uint32_t>(codec_names().size())));
  CHECK_FALSE(is_dictionary_codec(0xffffffffU));
}

TEST_CASE("every codec keeps large numbers, and first passes over its rows find a vector by itself") {
  constexpr std::size_t kRows = 50;
  constexpr std::size_t kDimensions = 256;
  const std::vector<float> units = test::Random(12).units(kRows, kDimensions);
  std::vector<std::uint32_t> numbers(kRows);
  std::iota(numbers.begin(), numbers.end(), 0U);
  for (const std::string& name : codec_names()) {
    CAPTURE(name);
    const VectorCodec codec = codec_from_name(name);
    for (const float value : round_trip(codec, {largest_number(codec) / 2, 0})) CHECK(std::isfinite(value));
    const FirstPass first_pass(codec, std::vector<float>(kDimensions, 0.0F));
    std::vector<std::uint8_t> rows(kRows * first_pass.row_bytes());
    for (std::size_t i = 0; i < kRows; ++i)
      first_pass.quantise(round_trip(codec, {units.data() + i * kDimensions, units.data() + (i + 1) * kDimensions}),
                          std::span(rows).subspan(i * first_pass.row_bytes(), first_pass.row_bytes()));
    for (std::size_t i = 0; i < kRows; ++i) {
      const FirstPassQuery query = first_pass.query(std::span(units).subspan(i * kDimensions, kDimensions));
      std::vector<std::int32_t> scores(kRows);
      query.score(rows.data(), numbers, scores);
      CHECK(std::max_element(scores.begin(), scores.end()) - scores.begin() == static_cast<std::ptrdiff_t>(i));
      CHECK(query.cosine(scores[i]) > 0.9);
    }
    CHECK(first_pass.compared(10) >= 10);
  }
}

TEST_CASE("sign bits are those after layer normalisation: neither scale nor offset of a vector matters") {
  const std::vector<float> vector{3, 1, -2, 4, 0.5F};
  const std::vector<float> moved{16, 12, 6, 18, 11};  // 2 * vector + 10
  CHECK(round_trip(VectorCodec::kSignBits, vector) == round_trip(VectorCodec::kSignBits, moved));
  const auto length = static_cast<float>(1 / std::sqrt(5.0));
  CHECK(round_trip(VectorCodec::kSignBits, vector) == std::vector<float>{length, -length, -length, length, -length});
}

TEST_CASE("sign bits of vectors that have no signs are all 0, and never NaN when read") {
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const std::vector<float>& vector :
       {std::vector<float>{0, 0, 0, 0}, {0.1F, 0.1F, 0.1F, 0.1F}, {1, kNaN, 2, 3}, {1, kInfinity, 2, -kInfinity}})
    CHECK(round_trip(VectorCodec::kSignBits, vector) == std::vector<float>(4, -0.5F));
  for (const std::size_t d : {3, 1000, 4096})
    for (const float value : {0.1F, -1e-30F, 3e38F})
      CHECK(encode_value(VectorCodec::kSignBits, 0, std::vector<float>(d, value)).find_first_not_of('\0', 1) ==
            std::string::npos);
}

TEST_CASE("a zero vector is stored as zeros by int8") {
  CHECK(round_trip(VectorCodec::kInt8, {0, 0, 0}) == std::vector<float>{0, 0, 0});
}
