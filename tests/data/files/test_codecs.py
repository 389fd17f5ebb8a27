import pytest

from vaecli.data.files.codecs import codec_of


@pytest.mark.parametrize(
    ("names", "codec"),
    [
        (("ねこ", "いぬ"), "cp932"),
        (("猫", "ねこ", "イヌ"), "cp932"),
        (("고양이", "개"), "cp949"),
        (("小猫", "狮子"), "gb18030"),
        (("кошка", "собака"), "cp866"),
        (("Käse", "Öl", "ñandú"), "cp437"),
        (("Käse", "猫", "кот"), "utf-8"),
        (("cat", "dog"), "cp437"),
    ],
)
def test_the_code_is_told_by_what_all_names_are_letters_in(names, codec):
    assert codec_of(f"{name}/1.png".encode(codec) for name in names) == codec
