# cmake -DOUT=x.c -DHEADER=x.h -DNAME=a -DFILE=a.css -P EmbedText.cmake
# Writes a text file as a constant string with a NUL at the end, so that programs need no such file.
file(READ ${FILE} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE ${OUT} "/* made by the build */\n#include \"${HEADER}\"\nconst char ${NAME}[] = {${bytes}0};\n")
