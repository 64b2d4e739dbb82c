import java.io.Reader;
import java.util.Map;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.charfilter.MappingCharFilter;
import org.apache.lucene.analysis.charfilter.NormalizeCharMap;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.AbstractCharFilterFactory;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.CharFilterFactory;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;

/**
 * The two parts of Elasticsearch's module analysis-common that Arachne's indices use, under their own names: the build from
 * Maven comes without that module, but with Lucene's classes that it hands on.
 */
public final class FoldingAnalysis extends Plugin implements AnalysisPlugin {
  @Override
  public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
    return Map.of("asciifolding", (index, environment, name, settings) -> new Folding(name, settings));
  }

  @Override
  public Map<String, AnalysisProvider<CharFilterFactory>> getCharFilters() {
    return Map.of("mapping", AnalysisPlugin.requiresAnalysisSettings((index, environment, name, settings) -> new Mapping(name, settings)));
  }

  private static final class Folding extends AbstractTokenFilterFactory {
    private final boolean preserveOriginal;

    Folding(String name, Settings settings) {
      super(name, settings);
      preserveOriginal = settings.getAsBoolean("preserve_original", false);
    }

    @Override
    public TokenStream create(TokenStream tokens) {
      return new ASCIIFoldingFilter(tokens, preserveOriginal);
    }
  }

  private static final class Mapping extends AbstractCharFilterFactory {
    private final NormalizeCharMap mappings;

    Mapping(String name, Settings settings) {
      super(name);
      NormalizeCharMap.Builder builder = new NormalizeCharMap.Builder();
      for (String rule : settings.getAsList("mappings")) {
        String[] sides = rule.split("=>");
        builder.add(sides[0].strip(), sides[1].strip());
      }
      mappings = builder.build();
    }

    @Override
    public Reader create(Reader text) {
      return new MappingCharFilter(mappings, text);
    }
  }
}
