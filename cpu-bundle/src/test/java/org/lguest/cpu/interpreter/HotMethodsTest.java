package org.lguest.cpu.interpreter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.attribute.CodeAttribute;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** HotSpot never compiles a method of more than 8,000 bytes, and inlines none of more than 325 into another. */
class HotMethodsTest {
    private static final Path CLASSES = Path.of("target/classes/org/lguest/cpu");
    private static final int HUGE = 8000, INLINED = 325;
    /** What an ordinary instruction runs through, besides its own operation. */
    private static final List<String> INNERMOST = List.of("Memory.load8", "Memory.load16", "Memory.load32", "Memory.store8", "Memory.store16", "Memory.store32",
        "Memory.modify32", "Memory.storeBack32", "MemOp.offset", "Machine.jumpTo", "Machine.land", "Machine.push", "Machine.pop", "Registers.condition", "Alu.add", "Alu.sub", "Shifts.shl");

    private record Method(String name, int bytes) { }

    private static List<Method> methods() throws IOException {
        List<Method> all = new ArrayList<>();
        try (var files = Files.walk(CLASSES)) {
            for (Path f : files.filter(p -> p.toString().endsWith(".class")).toList()) {
                var c = ClassFile.of().parse(f);
                String type = c.thisClass().asInternalName().replaceAll(".*/", "");
                for (var m : c.methods())
                    m.code().ifPresent(code -> all.add(new Method(type + "." + m.methodName().stringValue(), ((CodeAttribute) code).codeLength())));
            }
        }
        return all;
    }

    @Test
    void noMethodOfTheEngineIsTooLargeToBeCompiled() throws IOException {
        List<Method> all = methods();
        assertFalse(all.isEmpty());
        all.sort(Comparator.comparingInt(Method::bytes).reversed());
        System.out.println("largest methods of the CPU bundle, in bytes: " + all.subList(0, 8));
        assertEquals(List.of(), all.stream().filter(m -> m.bytes >= HUGE).toList());
    }

    @Test
    void theInnermostMethodsCanBeInlined() throws IOException {
        List<Method> all = methods();
        for (String name : INNERMOST) {
            List<Method> found = all.stream().filter(m -> m.name.equals(name)).toList();
            assertFalse(found.isEmpty(), name);
            assertEquals(List.of(), found.stream().filter(m -> m.bytes > INLINED).toList());
        }
    }
}
